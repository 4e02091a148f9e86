import { type Language, preferredLanguage, type Text } from '@itsm-m365/plugin-api';
import type { FastifyInstance } from 'fastify';

const texts = {
  title: { en: 'Reference host', de: 'Referenz-Host' },
  intro: {
    en: 'Sign in to see the OpenAPI page. Nobody can sign in until the first password is set with the one-time token from the data folder.',
    de: 'Nach der Anmeldung ist die OpenAPI-Seite zu sehen. Niemand kann sich anmelden, bis das erste Passwort mit dem Einmal-Token aus dem Datenordner gesetzt ist.',
  },
  name: { en: 'User name', de: 'Benutzername' },
  password: { en: 'Password', de: 'Passwort' },
  token: { en: 'One-time token (first time only)', de: 'Einmal-Token (nur beim ersten Mal)' },
  signIn: { en: 'Sign in', de: 'Anmelden' },
  restored: {
    en: 'The database was restored: nothing is sent or fetched until an administrator releases it.',
    de: 'Die Datenbank wurde wiederhergestellt: Bis zur Freigabe durch die Administration wird nichts gesendet und nichts abgeholt.',
  },
} as const satisfies Record<string, Text>;

// The form answers by script, so that the API stays JSON only; the texts are ours, nothing of a request is put in.
const page = (language: Language, restored: boolean): string => `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${texts.title[language]}</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 26rem; margin: 12vh auto; padding: 0 1rem }
  label { display: block; margin-top: .8rem }
  input { font: inherit; width: 100%; padding: .5rem; box-sizing: border-box }
  button { font: inherit; margin-top: 1.2rem; padding: .5rem 1.2rem }
  [role=alert] { min-height: 1.5rem; margin-top: 1rem; font-weight: 600 }
</style>
<h1>${texts.title[language]}</h1>
${restored ? `<p role="status"><strong>${texts.restored[language]}</strong></p>\n` : ''}<p>${texts.intro[language]}</p>
<form id="form">
  <label>${texts.name[language]}<input name="name" autocomplete="username" required autofocus></label>
  <label>${texts.password[language]}<input name="password" type="password" autocomplete="current-password" required></label>
  <label>${texts.token[language]}<input name="token" type="password" autocomplete="off"></label>
  <button>${texts.signIn[language]}</button>
  <div id="message" role="alert"></div>
</form>
<script src="/start-page.js"></script>
</html>
`;

const script = `const form = document.getElementById('form');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const values = Object.fromEntries(new FormData(form));
  const path = values.token ? '/auth/first-password' : '/auth/sign-in';
  if (!values.token) delete values.token;
  const answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(values) });
  if (answer.ok) { location.href = '/docs'; return; }
  const problem = await answer.json();
  document.getElementById('message').textContent = [problem.title, problem.remedy].filter(Boolean).join(' ');
});
`;

/** The page at `/`: sign in, or set the first password, then on to the OpenAPI page. */
export const registerStartPage = (app: FastifyInstance, isRestored: () => Promise<boolean>): void => {
  app.get('/', async (request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header(
        'content-security-policy',
        "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      )
      .header('vary', 'accept-language')
      .send(page(preferredLanguage(request.headers['accept-language']), await isRestored())),
  );
  app.get('/start-page.js', async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(script));
};
