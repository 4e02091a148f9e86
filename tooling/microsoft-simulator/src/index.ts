export { type CertificateOptions, type SelfSignedCertificate, selfSignedCertificate } from './certificate.ts';
export type { Clock } from './clock.ts';
export { type Cloud, type CloudName, clouds, microsoftHosts } from './clouds.ts';
export { demoTenant } from './demo.ts';
export { type DispatcherOptions, simulatorDispatcher } from './dispatcher.ts';
export type { ActiveFault, Enabled, FaultSite, Faults } from './faults/switchboard.ts';
export {
  type CommonFaultParameters,
  type FaultName,
  type FaultParameters,
  faultNames,
  faultTable,
  isFaultName,
  type RetryAfterFormat,
} from './faults/table.ts';
export type { EndpointName, SimReply, SimRequest } from './http.ts';
export type {
  AppOptions,
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
