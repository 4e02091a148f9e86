import type { SimReply } from '../http.ts';
import type { SimulatorTenant } from '../tenant/tenant.ts';
import type { World } from '../world.ts';
import { entraWords, type Refused } from './errors.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? '');

const page = (title: string, body: string): SimReply => ({
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  body: `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title></head><body><h1>${escaped(title)}</h1>${body}</body></html>`,
});

const shownUsers = 50;

const principalNames = (tenants: readonly SimulatorTenant[], hint: string | undefined): readonly string[] => {
  const names = new Set<string>(hint === undefined ? [] : [hint]);
  for (const { directory } of tenants) {
    for (let at = directory.places() - 1; at >= 0 && names.size < shownUsers; at -= 1) {
      const facts = directory.at(at)?.facts;
      if (facts !== undefined) names.add(facts.userPrincipalName);
    }
  }
  return [...names];
};

/** Links to the same address with what the person picks; the newest users first, since tests and consoles add theirs. */
export const accountPage = (
  target: string,
  tenants: readonly SimulatorTenant[],
  hint: string | undefined,
): SimReply => {
  const link = (name: string, value: string, text: string): string =>
    `<li><a href="${escaped(`${target}&${name}=${encodeURIComponent(value)}`)}">${escaped(text)}</a></li>`;
  const users = principalNames(tenants, hint).map((name) => link('simulator_user', name, name));
  const body = `<ul>${users.join('')}</ul><ul>${link('simulator_deny', '1', 'Cancel')}</ul>`;
  return page('Simulated sign-in: pick an account', body);
};

/** Entra's page for what keeps the browser there. It answers 200, as Entra's does. */
export const problemPage = (world: World, refused: Refused, host: string): SimReply => {
  const { error_description: text } = entraWords(world, refused.code, refused.subject, { host });
  return page('Sorry, but we’re having trouble signing you in', `<pre>${escaped(text)}</pre>`);
};

/** Where `…/common/oauth2/nativeclient` leads: an empty page whose address carries the answer. */
export const nativeClientPage = (): SimReply => page('Signed in', '<p>Copy the address of this page.</p>');

export const devicePage = (message: string): SimReply =>
  page(
    'Simulated device sign-in',
    `<p>${escaped(message)}</p><form method="get"><label>Code <input name="user_code"></label> <label>User <input name="user"></label> <button>Approve</button></form>`,
  );
