export { type CertificateOptions, type SelfSignedCertificate, selfSignedCertificate } from './certificate.ts';
export type { Clock } from './clock.ts';
export { type Cloud, type CloudName, clouds, microsoftHosts } from './clouds.ts';
export { demoTenant } from './demo.ts';
export { type DispatcherOptions, simulatorDispatcher } from './dispatcher.ts';
export type { SignInChoice } from './entra/admission.ts';
export { type MailToken, type MailTokenProblem, readMailToken } from './entra/mail-token.ts';
export { type DeviceSignIn, type SignInRequest, SignInStopped } from './entra/sign-in.ts';
export type { SigningKeyPem } from './entra/signing.ts';
export type { Folder } from './exchange/folder.ts';
export type { Mailbox, MailboxOptions, MailboxSettings } from './exchange/mailbox.ts';
export type {
  ApplicationRole,
  Exchange,
  ExchangeTruth,
  MailboxTruth,
  MessageTruth,
  Outgoing,
  ServicePrincipal,
} from './exchange/mailboxes.ts';
export type { StoredMessage } from './exchange/message.ts';
export { type ExchangeOptions, type ExchangePorts, type RunningExchange, startExchange } from './exchange/start.ts';
export type { ActiveFault, Enabled, FaultSite, Faults } from './faults/switchboard.ts';
export {
  type CommonFaultParameters,
  type FaultName,
  type FaultParameters,
  faultNames,
  faultTable,
  isExchangeFault,
  isFaultName,
  type RetryAfterFormat,
} from './faults/table.ts';
export type { EndpointName, SimReply, SimRequest } from './http.ts';
export type {
  AccountTypes,
  AppOptions,
  AppPlatform,
  FederatedCredentialOptions,
  SecretOptions,
  SimulatorOptions,
  TenantOptions,
  ThrottleOptions,
} from './options.ts';
export { type Random, seededRandom } from './random.ts';
export { type RunningSimulator, type StartOptions, startSimulator } from './server.ts';
export { createSimulator, type Simulator } from './simulator.ts';
export type { RequestRecord, Statistics, StatisticsReport, Violation } from './statistics.ts';
export type { SimulatorApp } from './tenant/apps.ts';
export { defaultCatalogue } from './tenant/catalogue.ts';
export type { ConsentControls } from './tenant/consents.ts';
export type { IdentityControls, PolicyNumber, SignInPolicy } from './tenant/identity.ts';
export type { Units } from './tenant/inventory.ts';
export type {
  AssignmentState,
  Group,
  ServicePlan,
  SkuSeed,
  Subscription,
  SubscriptionSeed,
  SubscriptionStatus,
  UserFacts,
} from './tenant/model.ts';
export type { AssignmentOptions, TenantMutations } from './tenant/mutations.ts';
export type { SimulatorTenant } from './tenant/tenant.ts';
export type { Truth, TruthPath, TruthSku, TruthUser } from './tenant/truth.ts';
