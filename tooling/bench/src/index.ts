export type { Figure } from './judge.ts';
export type { Measurement, MemoryOverTime, Run, Spread, Traffic } from './measurement.ts';
export type { BenchReport, EngineReport } from './report.ts';
