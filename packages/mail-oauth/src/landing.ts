import { createHash } from 'node:crypto';
import type { StaticPage } from '@itsm-m365/plugin-api';

/** Below the routes: what is registered in Entra as redirect address is `publicUrl` and this. */
export const landingPath = '/sign-in';

/*
 * Entra sends the browser here with the code in the address. The host's cookie is not sent along with a navigation from
 * another site (SameSite=Strict), so the page itself does nothing but hand the address to our own origin: as a request from
 * here it carries the cookie. The address is taken out of the browser's history before anything else happens.
 */
const script = `(async () => {
  const address = location.href;
  history.replaceState(null, '', location.pathname);
  const say = (id) => { for (const one of document.querySelectorAll('[data-say]')) one.hidden = one.dataset.say !== id; };
  const german = navigator.language.toLowerCase().startsWith('de');
  document.documentElement.lang = german ? 'de' : 'en';
  for (const one of document.querySelectorAll('[data-de]')) if (german) one.textContent = one.dataset.de;
  const binding = sessionStorage.getItem('mail-oauth.sign-in') ?? localStorage.getItem('mail-oauth.sign-in') ?? '';
  if (!address.includes('state=') || binding === '') return say('elsewhere');
  say('busy');
  try {
    const account = encodeURIComponent(binding.split('.')[0]);
    const answer = await fetch('accounts/' + account + '/sign-in/complete', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-language': german ? 'de' : 'en' },
      body: JSON.stringify({ address, binding }),
    });
    const said = await answer.json().catch(() => ({}));
    sessionStorage.removeItem('mail-oauth.sign-in');
    localStorage.removeItem('mail-oauth.sign-in');
    document.getElementById('detail').textContent = answer.ok
      ? String(said.user ?? '')
      : [said.detail ?? said.title, said.remedy].filter(Boolean).join(' ');
    say(answer.ok ? 'done' : 'failed');
  } catch {
    say('failed');
  }
})();`;

const style = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:36rem;margin:15vh auto;padding:0 1rem}
h1{font-size:1.4rem}#detail{overflow-wrap:anywhere}`;

const content = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<title>Sign-in</title><style>${style}</style></head>
<body><main aria-live="polite">
<h1 data-say="busy" data-de="Die Anmeldung wird abgeschlossen …">The sign-in is being finished …</h1>
<h1 data-say="done" data-de="Die Anmeldung ist abgeschlossen. Dieses Fenster kann geschlossen werden." hidden>The sign-in is complete. You can close this window.</h1>
<h1 data-say="failed" data-de="Die Anmeldung ist fehlgeschlagen." hidden>The sign-in failed.</h1>
<h1 data-say="elsewhere" data-de="Diese Anmeldung wurde in einem anderen Browser begonnen. Beginnen Sie sie dort von vorn." hidden>This sign-in was begun in another browser. Begin it again there.</h1>
<p id="detail"></p>
<noscript><p>JavaScript is needed to finish the sign-in. / Zum Abschließen der Anmeldung wird JavaScript benötigt.</p></noscript>
</main><script>${script}</script></body></html>
`;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Where a sign-in in the browser ends. Holds nothing; what it posts is checked like a pasted address. */
export const landingPage: StaticPage = {
  path: landingPath,
  summary: 'Ends a sign-in in the browser',
  contentType: 'text/html; charset=utf-8',
  content,
  policy: `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
};
