export { type TestClock, testClock } from './clock.ts';
export { createTestDatabase, dropTestDatabase, eachDatabase, type TestDatabase, type TestEngine } from './databases.ts';
