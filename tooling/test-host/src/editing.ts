import { parseArgs } from 'node:util';
import { isKnownError, type Logger } from '@itsm-m365/plugin-api';
import { openHost, readConfiguration } from '@itsm-m365/reference-host';
import { allPlugins, createServerTasks } from '@itsm-m365/server-tasks';

// A process that changes settings without end, for tests that kill it. Each change has a number, and everything that it
// writes says the number: name, description, limits, exclusions and secret. Before a change it says `begin`, after it `done`.

const { values } = parseArgs({
  options: { folder: { type: 'string', default: '' }, from: { type: 'string', default: '1' } },
});

const section = 'm365-import.portals';
const actor = { id: 'user:editor', name: 'Editor' };
/** Portals by their place, which stays in the name. */
const places = 3;

const guidOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const main = async (): Promise<void> => {
  const configuration = readConfiguration(['--data', values.folder, '--port', '0'], {});
  const reference = await openHost(configuration, { logger: silent, http: undefined });
  const { settings } = await createServerTasks(reference.host, allPlugins, { schedules: false });
  say('ready');
  for (let number = Number(values.from); ; number += 1) {
    const place = number % places;
    const found = (await settings.list(section)).find(({ value }) => nameOf(value).startsWith(`Place ${place} `));
    const keepsSecret = found !== undefined && number % 4 === 3;
    if (found !== undefined && number % 5 === 4) {
      say(`begin ${number} remove ${found.id}`);
      await settings.remove(section, found.id, { actor, ifVersion: found.version });
      say(`done ${number} remove ${found.id} ${found.version}`);
      continue;
    }
    say(`begin ${number} put ${found?.id ?? 'new'} ${keepsSecret ? 'old' : 'new'}`);
    const value = {
      name: `Place ${place} ${number}`,
      description: String(number),
      active: number % 2 === 0,
      guardMaxSharePercent: 10,
      guardMinCount: number,
      fullListingHours: 24,
      cloud: 'global',
      tenantId: guidOf(1),
      clientId: guidOf(2),
      credential: {
        type: 'secret',
        value: keepsSecret ? { stored: true } : `secret-${number}`,
        validUntil: '2099-12-31',
      },
      exclusions: [guidOf(number)],
    };
    try {
      const item = await settings.put(section, found?.id, value, { actor, ifVersion: found?.version ?? 0 });
      say(`done ${number} put ${item.id} ${item.version}`);
    } catch (error) {
      say(`failed ${number} ${isKnownError(error) ? error.code : String(error)}`);
    }
  }
};

const nameOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'name' in value ? String(value.name) : '';

await main();
