export { type TestClock, testClock } from './clock.ts';
export { eachDatabase, type TestDatabase, type TestEngine } from './databases.ts';
