import { createHash } from 'node:crypto';
import { createContext, Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { landingPage } from './landing.ts';

const partOf = (tag: 'script' | 'style'): string =>
  new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(landingPage.content)?.[1] ?? '';
const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

interface Element {
  hidden: boolean;
  textContent: string;
  readonly dataset: { readonly say?: string; readonly de?: string };
}

/** As much of a browser as the page uses. */
const visit = async (address: string, binding: string | null, answer: { ok: boolean; body: object }) => {
  const shown: Element[] = ['busy', 'done', 'failed', 'elsewhere'].map((say) => ({
    hidden: say !== 'busy',
    textContent: say,
    dataset: { say, de: `${say} auf Deutsch` },
  }));
  const detail: Element = { hidden: false, textContent: '', dataset: {} };
  const posted: { readonly url: string; readonly body: unknown }[] = [];
  const history: string[] = [];
  const stored = new Map(binding === null ? [] : [['mail-oauth.sign-in', binding]]);
  const storage = {
    getItem: (key: string) => stored.get(key) ?? null,
    removeItem: (key: string) => void stored.delete(key),
  };
  const page = {
    location: { href: address, pathname: new URL(address).pathname },
    history: { replaceState: (_: unknown, __: string, path: string) => void history.push(path) },
    navigator: { language: 'de-AT' },
    document: {
      documentElement: { lang: '' },
      querySelectorAll: () => shown,
      getElementById: () => detail,
    },
    sessionStorage: storage,
    localStorage: storage,
    fetch: async (url: string, { body }: { readonly body: string }) => {
      posted.push({ url, body: JSON.parse(body) });
      return { ok: answer.ok, json: async () => answer.body };
    },
  };
  await new Script(partOf('script')).runInContext(createContext(page));
  return {
    said: shown.find(({ hidden }) => !hidden)?.textContent,
    detail: detail.textContent,
    posted,
    history,
    stored,
  };
};

const address = 'https://itsm.example.com/itsm/mail-oauth/sign-in?code=secret&state=s';

describe('the page that a sign-in ends at', () => {
  it('lets its own script and style run, and nothing else', () => {
    expect(landingPage.policy).toContain(`script-src ${hashOf(partOf('script'))};`);
    expect(landingPage.policy).toContain(`style-src ${hashOf(partOf('style'))};`);
    expect(landingPage.policy).toContain("default-src 'none'");
    expect(landingPage.policy).not.toContain('unsafe');
  });

  it('hands the address to our own origin, takes it out of the history, and says who signed in', async () => {
    const binding = 'account-1.kept';
    const seen = await visit(address, binding, { ok: true, body: { user: 'ann@example.com' } });
    expect(seen.posted).toEqual([{ url: 'accounts/account-1/sign-in/complete', body: { address, binding } }]);
    expect(seen.history).toEqual(['/itsm/mail-oauth/sign-in']);
    expect([seen.said, seen.detail]).toEqual(['done auf Deutsch', 'ann@example.com']);
    expect(seen.stored.size).toBe(0);
  });

  it('says what went wrong, with what to do', async () => {
    const body = { detail: 'Another account signed in.', remedy: 'Choose the right one.' };
    const seen = await visit(address, 'account-1.kept', { ok: false, body });
    expect([seen.said, seen.detail]).toEqual([
      'failed auf Deutsch',
      'Another account signed in. Choose the right one.',
    ]);
  });

  it('sends nothing from a browser that began no sign-in', async () => {
    const seen = await visit(address, null, { ok: true, body: {} });
    expect([seen.said, seen.posted]).toEqual(['elsewhere auf Deutsch', []]);
  });
});
