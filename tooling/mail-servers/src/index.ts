export { type Dovecot, type DovecotOptions, startDovecot } from './dovecot.ts';
export { type Postfix, type PostfixOptions, startPostfix } from './postfix.ts';
export { canListen, freePorts, serversMissing } from './server-process.ts';
export { type Sink, startSink } from './sink.ts';
export { type TokenIssuer, type TokenKey, tokenIssuer } from './token-issuer.ts';
