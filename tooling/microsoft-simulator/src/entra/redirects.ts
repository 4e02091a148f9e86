import type { SimulatorApp } from '../tenant/apps.ts';

const loopback = /^http:\/\/(localhost|127\.0\.0\.1)(?::\d+)?(?=\/|\?|$)/;

/** A loopback address without its port, and without the slash that stands for no path. */
const portless = (uri: string): string => uri.replace(loopback, 'http://$1').replace(/^(http:\/\/[^/?]+)\/$/, '$1');

/**
 * Whether a redirect URI is one of the app's: compared as text, case and slash included; of loopback addresses of mobile
 * and desktop apps the port is ignored (RFC 8252 7.3). Entra page: Redirect URI restrictions, localhost exceptions.
 */
export const isRegistered = (app: SimulatorApp, uri: string): boolean => {
  if (app.redirectUris.includes(uri)) return true;
  if (app.platform !== 'public' || !loopback.test(uri)) return false;
  return app.redirectUris.some((entry) => loopback.test(entry) && portless(entry) === portless(uri));
};

/** The redirect URI with the answer in its query (RFC 6749 4.1.2). */
export const answerTo = (uri: string, answer: Readonly<Record<string, string | undefined>>): string => {
  const url = new URL(uri);
  for (const [name, value] of Object.entries(answer)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
};
