import { X509Certificate } from 'node:crypto';
import type { AppOptions, FederatedCredentialOptions, SecretOptions } from '../options.ts';

/** An app registration with its service principal. Everything may be changed while the simulator runs. */
export interface SimulatorApp {
  readonly clientId: string;
  readonly objectId: string;
  displayName: string;
  roles: string[];
  secrets: SecretOptions[];
  certificates: X509Certificate[];
  federatedCredentials: FederatedCredentialOptions[];
  disabled: boolean;
  /** Adds a PEM certificate, as the Certificates & secrets page does. */
  addCertificate(pem: string): void;
}

export const defaultRoles = ['User.Read.All', 'Organization.Read.All'] as const;

export const createApp = (options: AppOptions, clientId: string, objectId: string, secret: string): SimulatorApp => {
  const hasOtherCredential = (options.certificates?.length ?? 0) + (options.federatedCredentials?.length ?? 0) > 0;
  const secrets = options.secrets ?? (hasOtherCredential ? [] : [secret]);
  const app: SimulatorApp = {
    clientId,
    objectId,
    displayName: options.displayName ?? 'Licence import',
    roles: [...(options.roles ?? defaultRoles)],
    secrets: secrets.map((entry) => (typeof entry === 'string' ? { value: entry } : entry)),
    certificates: (options.certificates ?? []).map((pem) => new X509Certificate(pem)),
    federatedCredentials: [...(options.federatedCredentials ?? [])],
    disabled: options.disabled ?? false,
    addCertificate: (pem) => {
      app.certificates.push(new X509Certificate(pem));
    },
  };
  return app;
};
