export { type Dovecot, type DovecotOptions, startDovecot } from './dovecot.ts';
export { type Relay, startRelay } from './relay.ts';
export { freePorts, serversMissing } from './server-process.ts';
export { type TokenIssuer, type TokenKey, tokenIssuer } from './token-issuer.ts';
