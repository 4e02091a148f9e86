export { maxBatch } from './batch.ts';
export { type Certificate, certificateEndings, readCertificate } from './certificate.ts';
export { type Cloud, type CloudId, cloudIds, clouds, hostsOf } from './clouds.ts';
export { type ConnectionTestOptions, testConnection } from './connection-test.ts';
export {
  type CertificateCredential,
  type Credential,
  checkCredential,
  type FederatedCredential,
  type SecretCredential,
} from './credential.ts';
export { pfxCommands } from './credential-errors.ts';
export {
  type CredentialSettings,
  certificateFields,
  certificateHelpLink,
  credentialFields,
  federatedFields,
  secretFields,
} from './credential-fields.ts';
export { credentialOf, endOfValidity, storedExpiry, validateCredential } from './credential-settings.ts';
export { type EntraReply, entraRefusal } from './entra-refusal.ts';
export { type ErrorClass, graphErrors } from './errors.ts';
export {
  type CredentialFacts,
  type CredentialState,
  credentialFacts,
  credentialNotices,
  credentialState,
  expiryNotice,
  expiryThresholds,
} from './expiry.ts';
export { assertionFromFile, assertionFromUrl } from './federated.ts';
export { createGraphClient } from './graph.ts';
export { defaultGraphLimits } from './graph-call.ts';
export type {
  BatchAnswer,
  BatchRequest,
  GraphClient,
  GraphClientOptions,
  GraphLimits,
  GraphObject,
  GraphOptions,
  GraphPage,
  GraphStatistics,
  PagesOptions,
} from './graph-types.ts';
export { entraGuide, type GraphPermission, type GuideStep, graphPermissions } from './guide.ts';
export { importPfx } from './pfx.ts';
export { pfxFields, preparePfx } from './pfx-settings.ts';
export { type PrivateKey, readPrivateKey } from './private-key.ts';
export { type Probe, probes } from './probes.ts';
export { redactorOf, shownText } from './redact.ts';
export { type AadstsRow, type Acts, aadstsRow, aadstsRows, type EntraCode } from './remedies.ts';
export { budgetOf, defaultRetryLimits, type RetryLimits, waitBefore } from './retry.ts';
export { type SharedCall, sharedCall } from './shared-call.ts';
export { checkIds, createTokenSource, marginOf, type TokenSource, type TokenSourceOptions } from './token.ts';
export { EndpointFault, type EndpointRequest, postEntra, type Refusal } from './token-endpoint.ts';
export { type ClientRequest, metadataOf } from './token-proof.ts';
export { requestGrant, type TokenAnswer, type TokenReply } from './token-request.ts';
