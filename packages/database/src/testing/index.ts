export { type TestClock, testClock } from './clock.ts';
export { createTestDatabase, eachDatabase, type TestDatabase, type TestEngine } from './databases.ts';
