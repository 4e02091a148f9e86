import { Gauge, Registry } from 'prom-client';
import type { Core } from '../core.ts';
import { runTable } from '../store/tables.ts';

export interface Metrics {
  readonly type: string;
  /** Reads the plugins' gauges and gives everything as text. A gauge that fails is left out, logged and counted. */
  read(): Promise<string>;
}

const lastRuns = 500;

/** A registry of our own: the host's default registry is the host's. */
export const createMetrics = (core: Core): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  const { db, services } = core;
  // From the database and not counted here: every node shows the same, and a restart loses nothing.
  const lastDuration = new Gauge({
    name: 'itsm_task_last_duration_seconds',
    help: 'How long the last run of a task took, by how it ended',
    labelNames: ['task', 'state'],
    registers,
  });
  const active = new Gauge({
    name: 'itsm_task_active_runs',
    help: 'Runs that are queued or running',
    labelNames: ['task', 'state'],
    registers,
  });
  const lastEnd = new Gauge({
    name: 'itsm_task_last_end_timestamp_seconds',
    help: 'When the last run of a task ended, by how it ended',
    labelNames: ['task', 'state'],
    registers,
  });
  const failed = new Gauge({
    name: 'itsm_gauge_failed',
    help: 'Gauges of plugins that could not be read: 1',
    labelNames: ['gauge'],
    registers,
  });

  const readRuns = async (): Promise<void> => {
    const runs = await db.read((trx) =>
      trx.rows(runTable, (query) => query.orderBy('created_at', 'desc').orderBy('id').limit(lastRuns)),
    );
    active.reset();
    lastEnd.reset();
    lastDuration.reset();
    for (const run of runs.reverse()) {
      const labels = { task: run.task, state: run.state };
      if (run.ended_at === null) active.inc(labels);
      else {
        lastEnd.set(labels, run.ended_at / 1000);
        lastDuration.set(labels, (run.ended_at - (run.started_at ?? run.created_at)) / 1000);
      }
    }
  };

  const readGauges = async (): Promise<void> => {
    failed.reset();
    for (const gauge of core.registry.gauges) {
      registry.removeSingleMetric(gauge.name);
      try {
        const samples = await gauge.read(services);
        const labelNames = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))];
        const metric = new Gauge({ name: gauge.name, help: gauge.help, labelNames, registers });
        for (const { labels, value } of samples) metric.set(labels, value);
      } catch (error) {
        services.logger.error({ gauge: gauge.name, err: error }, 'A gauge could not be read');
        failed.set({ gauge: gauge.name }, 1);
      }
    }
  };

  // Two scrapes at once would each remove what the other is filling.
  let reading: Promise<string> | undefined;
  const read = async (): Promise<string> => {
    await readRuns();
    await readGauges();
    return registry.metrics();
  };
  return {
    type: registry.contentType,
    read() {
      reading ??= read().finally(() => {
        reading = undefined;
      });
      return reading;
    },
  };
};
