export { type Configuration, readConfiguration } from './configuration.ts';
export { hostErrors } from './errors.ts';
export { openHost, type ReferenceHost } from './host.ts';
export { buildServer, listen } from './server.ts';
