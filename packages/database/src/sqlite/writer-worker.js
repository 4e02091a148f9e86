// @ts-check
// JavaScript, because Node 20 loads no TypeScript into a worker thread. Holds the connection of `writer-thread.ts`: answers
// each message in turn. The thread ends by itself once its port is closed.
import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';

/** @type {Sqlite.Database | undefined} */
let file;
/** @type {Map<string, Sqlite.Statement>} */
const inserts = new Map();

const opened = () => {
  if (file !== undefined) return file;
  const { filename, timeout, pragmas } = workerData;
  const opening = new Sqlite(filename, { timeout });
  try {
    for (const pragma of pragmas) opening.pragma(pragma);
  } catch (error) {
    opening.close();
    throw error;
  }
  file = opening;
  return file;
};

const preparedInsert = (/** @type {string} */ sql) => {
  const statement = inserts.get(sql) ?? opened().prepare(sql);
  inserts.set(sql, statement);
  return statement;
};

/** @param {import('./writer-thread.ts').Order} order */
const obey = (order) => {
  switch (order.kind) {
    case 'open':
      return void opened();
    case 'query': {
      const statement = opened().prepare(order.sql);
      return statement.reader ? statement.all(order.bindings) : statement.run(order.bindings);
    }
    case 'script':
      return void opened().exec(order.sql);
    case 'insert': {
      const statement = preparedInsert(order.sql);
      for (const row of order.rows) statement.run(row);
      return;
    }
    case 'close':
      file?.close();
      return parentPort?.close();
  }
};

/** @returns {import('./writer-thread.ts').Reply} */
const answer = (/** @type {import('./writer-thread.ts').Order} */ order) => {
  try {
    const result = obey(order);
    return { result, inTransaction: file?.inTransaction ?? false };
  } catch (error) {
    // Errors lose their fields on the way between threads.
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof Sqlite.SqliteError ? error.code : undefined;
    return { failure: { message, code }, inTransaction: file?.inTransaction ?? false };
  }
};

parentPort?.on('message', (order) => {
  const reply = answer(order);
  if (order.kind !== 'close') parentPort?.postMessage(reply);
});
