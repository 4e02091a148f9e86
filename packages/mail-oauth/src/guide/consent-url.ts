export interface ConsentRequest {
  /** Directory ID; `organizations` where the application is not bound to one. */
  readonly tenantId: string;
  readonly clientId: string;
  /** One that is registered with the application. */
  readonly redirectUri: string;
  readonly scopes: readonly string[];
}

/**
 * Where an administrator consents for the whole directory (Microsoft, "Admin consent"; the scopes of POP and IMAP, and of
 * SMTP, are those of "Authenticate an IMAP, POP or SMTP connection using OAuth"). Ids are parts of the path and of the
 * query, whatever they hold.
 */
export const adminConsentUrl = ({ tenantId, clientId, redirectUri, scopes }: ConsentRequest): string => {
  const tenant = encodeURIComponent(tenantId.trim() || 'organizations').replace(/^\.+$/, 'organizations');
  const url = new URL(`/${tenant}/v2.0/adminconsent`, 'https://login.microsoftonline.com');
  url.searchParams.set('client_id', clientId.trim());
  url.searchParams.set('redirect_uri', redirectUri);
  url.searchParams.set('scope', scopes.join(' '));
  return url.href;
};
