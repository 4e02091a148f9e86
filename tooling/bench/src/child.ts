import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Measurement } from './measurement.ts';
import type { MeasuredOrder, Order, Prepared } from './roles.ts';

/*
 * The entry of every child process. Roles are loaded on demand, so that the floor's memory does not hold the product's
 * modules.
 */

const prepared = async (order: MeasuredOrder): Promise<Prepared> => {
  switch (order.role) {
    case 'listing':
      return (await import('./listing.ts')).prepareListing(order.place);
    case 'floor':
      return (await import('./floor.ts')).prepareFloor(order.file, order.place, order.keys);
    case 'import':
      return (await import('./product-import.ts')).prepareImport(order.file, order.place, order.warm ?? false);
    case 'group-by':
      return (await import('./group-by.ts')).prepareGroupBy(order.file);
    case 'recalculate':
      return (await import('./product-recalculation.ts')).prepareRecalculation(order.file);
  }
};

const measure = async ({ warmUp, work, rows, close }: Prepared): Promise<Measurement> => {
  await warmUp?.();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const done = await work();
  const wallMs = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  // Kilobytes on every platform, says Node's documentation of resourceUsage.
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const facts = { ...done, ...rows?.() };
  await close();
  return { wallMs, cpuMs: (user + system) / 1000, peakBytes, pauseMs: delay.max / 1e6, facts };
};

const obey = async (order: Order): Promise<unknown> => {
  if (order.role === 'simulator') return (await import('./simulator-process.ts')).serve(order);
  if (order.role === 'prepare') return (await import('./store.ts')).prepareStore(order.file);
  return measure(await prepared(order));
};

process.once('message', (order: Order) => {
  obey(order).then(
    (answer) => process.send?.({ answer: answer ?? null }),
    (error: unknown) =>
      process.send?.({ problem: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});

// The parent went away, or needs no more of this one.
process.once('disconnect', () => process.exit());
