export { type ForeignRequest, type LendOptions, type Lent, lendHost, personHeader } from './lend.ts';
export type { People, Right } from './people.ts';
export type { LogLine, Recorded } from './recorders.ts';
export { buildForeignServer } from './server.ts';
export { type Answer, type CallOptions, startTestHost, type TestHost, type TestHostOptions } from './start.ts';
