export type { Figure } from './judge.ts';
export type { Measurement, Run, Spread, Traffic } from './measurement.ts';
export type { BenchReport } from './report.ts';
