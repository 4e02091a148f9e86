import type { FaultName } from '@itsm-m365/microsoft-simulator';
import type { Bench } from './bench.ts';
import { type Cell, strike } from './cell.ts';
import { importFaults } from './faults.ts';
import { type Place, places, type Start, starts } from './places.ts';

/** One fault at one place of one kind of import. */
export interface Entry {
  readonly fault: FaultName;
  readonly place: Place;
  readonly start: Start;
  readonly cell: Cell;
}

/** Every fault at every place of every kind of import; after each fault an import without it, which has to be complete. */
export const allEntries = async (bench: Bench): Promise<readonly Entry[]> => {
  const entries: Entry[] = [];
  for (const { id: start } of starts)
    for (const fault of importFaults) {
      for (const place of places) entries.push({ fault, place, start, cell: await strike(bench, fault, place, start) });
      await bench.recover().catch((error: unknown) => {
        throw new Error(`after ${fault} in ${start}: ${String(error)}`, { cause: error });
      });
    }
  return entries;
};
