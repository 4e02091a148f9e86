import { describe, expect, it } from 'vitest';
import { isMet, leastRequests, rowsPerSecond } from './judge.ts';
import { memoryGrowth, memoryOverTime, mostOpen, parallelism, spreadOf } from './measurement.ts';
import { readOptions } from './options.ts';
import { machineNow, printed, reportOf } from './report.ts';
import { rowsPerInsert } from './rival.ts';
import { portalSizes, runBench } from './run.ts';
import { PauseMeter } from './watch.ts';

const mega = 2 ** 20;

describe('measurements', () => {
  it('count the sessions that a log of Dovecot shows open at one time', () => {
    const login = 'Nov 21 09:00:00 imap-login: Info: Login: user=<a@b>, method=XOAUTH2, rip=127.0.0.1, mpid=7, TLS';
    const logout = 'Nov 21 09:00:01 imap(a@b)<7><x>: Info: Disconnected: Logged out in=12 out=34';
    const refused = 'Nov 21 09:00:01 imap-login: Info: Disconnected (auth failed, 1 attempts in 0 secs): user=<a@b>';
    expect(mostOpen('')).toBe(0);
    expect(mostOpen([login, refused, login, logout, login, logout, logout].join('\n'))).toBe(2);
  });

  it('tell how much higher memory stands at the end than before the middle', () => {
    expect(memoryGrowth({ megabytes: [50, 90, 100, 100, 100, 100, 110, 120] })).toBe(1.15);
  });

  it.each([
    [[3], { median: 3, minimum: 3, maximum: 3 }],
    [[9, 1, 2], { median: 2, minimum: 1, maximum: 9 }],
    [[4, 1, 2, 9], { median: 3, minimum: 1, maximum: 9 }],
  ])('are told by median and extremes: %j', (values, spread) => {
    expect(spreadOf(values)).toEqual(spread);
  });

  it('tell of memory over time, each sample as it was', () => {
    expect(memoryOverTime([100 * mega, 120.4 * mega, 110 * mega], 250)).toEqual({
      everyMs: 250,
      megabytes: [100, 120, 110],
      minimum: 100,
      median: 110,
    });
  });

  it('join samples of a long run, and keep its peaks', () => {
    const samples = [1, 9, 2, 3, 8, 1, 4, 5, 6].map((megabytes) => megabytes * mega);
    expect(memoryOverTime(samples, 250, 4)).toEqual({ everyMs: 1000, megabytes: [9, 8, 6], minimum: 1, median: 4 });
  });

  it.each([
    ['nothing', [], { most: 0, mean: 0 }],
    [
      'one after the other',
      [
        [0, 10],
        [10, 20],
      ],
      { most: 1, mean: 1 },
    ],
    [
      'side by side',
      [
        [0, 10],
        [0, 10],
        [5, 10],
      ],
      { most: 3, mean: 2.5 },
    ],
    [
      'a gap',
      [
        [0, 10],
        [30, 40],
      ],
      { most: 1, mean: 0.5 },
    ],
  ])('count what ran at one time: %s', (_, spans, expected) => {
    expect(parallelism(spans.map(([from = 0, to = 0]) => ({ from, to })))).toEqual(expected);
  });

  it('take the longest time between two turns for the longest pause, less what the timer takes', () => {
    let now = 0;
    const meter = new PauseMeter(() => now);
    for (const turn of [5, 10, 215, 220]) {
      now = turn;
      meter.turn();
    }
    expect(meter.longestMs).toBe(200);
  });

  it('see a pause that lasts to the end', () => {
    let now = 0;
    const meter = new PauseMeter(() => now);
    now = 505;
    meter.turn();
    expect(meter.longestMs).toBe(500);
  });

  it('count the rows of all tables by second', () => {
    const facts = { contacts: 10, facts: 10, assignments: 25, positions: 5, users: 1000 };
    expect(rowsPerSecond({ facts, wallMs: 500 })).toBe(100);
  });
});

describe('figures', () => {
  it('know the least requests of a full import', () => {
    expect(leastRequests(100_000)).toBe(101 + 3);
    expect(leastRequests(999)).toBe(1 + 3);
  });

  it('have targets that are upper bounds, and some that are lower ones', () => {
    expect(isMet({ name: '', unit: 'x', value: 1.4, target: 1.5 })).toBe(true);
    expect(isMet({ name: '', unit: 'x', value: 1.4, target: 2, atLeast: true })).toBe(false);
    expect(isMet({ name: '', unit: 'x', value: 2, target: 2, atLeast: true })).toBe(true);
  });

  it.each([
    ['sqlite', 14, 500],
    ['sqlite', 100, 327],
    ['mssql', 14, 149],
    ['mssql', 2, 1000],
  ] as const)('give the rival the largest inserts of %s with %d columns', (dialect, columns, rows) => {
    expect(rowsPerInsert(dialect, columns)).toBe(rows);
  });

  it('have portals of 50 to 200 users, mixed', () => {
    const sizes = portalSizes(500);
    expect([Math.min(...sizes), Math.max(...sizes), new Set(sizes.slice(0, 151)).size]).toEqual([50, 200, 151]);
  });
});

describe.skipIf((process.env.TEST_MSSQL_URL ?? '') !== '')('without a SQL Server', () => {
  it('reports its cases as skipped, and why', async () => {
    const options = readOptions(['--database', 'sql-server']);
    if (options === undefined) throw new Error('no options');
    const said: string[] = [];
    const databases = await runBench(options, (line) => said.push(line));
    expect(printed(reportOf(databases, options, machineNow()))).toMatch(
      /\n\nSQL Server: skipped, TEST_MSSQL_URL is not set$/,
    );
    expect(said).toEqual([]);
  });
});

describe('options', () => {
  it('take every case and both databases where nothing is asked for', () => {
    expect(readOptions([])).toMatchObject({ users: 100_000, portals: 500, repeat: 3 });
    expect([...(readOptions([])?.engines ?? [])]).toEqual(['sqlite', 'sql-server']);
    expect(readOptions([])?.cases.size).toBe(9);
  });

  it('refuse what they do not know, by name', () => {
    expect(() => readOptions(['--only', 'fast'])).toThrow(/--only fast: there is no such case; one of full, rival/);
    expect(() => readOptions(['--database', 'oracle'])).toThrow(/--database oracle/);
    expect(() => readOptions(['--users', '2000000'])).toThrow(/from 1000 to 1000000, not '2000000'/);
  });
});
