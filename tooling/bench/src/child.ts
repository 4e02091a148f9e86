import type { Measurement } from './measurement.ts';
import type { Kept, KeptOrder, MeasuredOrder, Order, Prepared } from './roles.ts';
import { watchProcess } from './watch.ts';

/*
 * The entry of every child process. Roles are loaded on demand, so that the floor's memory does not hold the product's
 * modules.
 */

const prepared = async (order: MeasuredOrder): Promise<Prepared> => {
  switch (order.role) {
    case 'listing':
      return (await import('./listing.ts')).prepareListing(order.place);
    case 'floor':
      return (await import('./floor.ts')).prepareFloor(order.store, order.place, order.keys);
    case 'rival':
      return (await import('./rival.ts')).prepareRival(order.store, order.place);
    case 'import':
      return (await import('./product-import.ts')).prepareImport(order.store, order.place, order.warm ?? false);
    case 'portals':
      return (await import('./product-portals.ts')).preparePortals(order.store, order.places, order.warm ?? false);
    case 'group-by':
      return (await import('./group-by.ts')).prepareGroupBy(order.store);
    case 'recalculate':
      return (await import('./product-recalculation.ts')).prepareRecalculation(order.store);
    case 'bare-mail':
      return (await import('./bare-mail.ts')).prepareBareMail(order.mail, order.parsed);
    case 'fetch-mail':
      return (await import('./product-mail.ts')).prepareMail(order.store, order.mail);
  }
};

const measure = async ({ warmUp, work, rows, close }: Prepared): Promise<Measurement> => {
  await warmUp?.();
  const watch = watchProcess();
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const done = await work(watch);
  const wallMs = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  const seen = await watch.stop();
  // Kilobytes on every platform, says Node's documentation of resourceUsage.
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const facts = { ...done, ...(await rows?.()) };
  await close();
  return { wallMs, cpuMs: (user + system) / 1000, peakBytes, ...seen, facts };
};

const kept = async (order: KeptOrder): Promise<Kept> => {
  switch (order.role) {
    case 'simulator':
      return (await import('./simulator-process.ts')).serve(order);
    case 'store':
      return (await import('./store.ts')).keepStore(order.engine);
    case 'mail':
      return (await import('./mail-place.ts')).serveMail(order);
  }
};

const isKept = (order: Order): order is KeptOrder =>
  order.role === 'simulator' || order.role === 'store' || order.role === 'mail';

/** What has to be cleared up; a measured run has nothing, and is not waited for. */
let keeping: Promise<Kept> | undefined;

const answerTo = async (order: Order): Promise<unknown> => {
  if (!isKept(order)) return measure(await prepared(order));
  keeping = kept(order);
  return (await keeping).answer;
};

/** The parent may be gone by now; `disconnect` tells of that. */
const reply = (message: object): void => void process.send?.(message, undefined, undefined, () => undefined);

process.once('message', (order: Order) => {
  answerTo(order).then(
    (answer) => reply({ answer }),
    (error: unknown) => reply({ problem: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});

const leave = async (): Promise<void> => {
  try {
    await (await keeping)?.remove();
  } catch (error) {
    process.stderr.write(`Could not clear up: ${String(error)}\n`);
  }
  process.exit();
};

// The parent went away, or needs no more of this one.
process.once('disconnect', () => void leave());
// Ctrl+C reaches every process of the terminal; the parent's end does the rest.
process.on('SIGINT', () => undefined);
