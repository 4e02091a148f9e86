export * from './clock.ts';
export * from './gates.ts';
export * from './host.ts';
export * from './tasks.ts';
