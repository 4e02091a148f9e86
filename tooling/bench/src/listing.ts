import { readTenant } from './graph-pages.ts';
import type { Place, Prepared } from './roles.ts';

/** Reads and parses all pages and drops them: how much of the floor is the network, and the simulator behind it. */
export const prepareListing = async (place: Place): Promise<Prepared> => {
  const reader = readTenant(place);
  return {
    async work() {
      await reader.skus();
      let users = 0;
      for await (const page of reader.users()) users += page.length;
      return { users };
    },
    close: () => reader.close(),
  };
};
