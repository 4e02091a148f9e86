import { complianceEnginePlugin } from '@itsm-m365/compliance-engine';
import { migrate, openDatabase } from '@itsm-m365/database';
import { licenceCatalogPlugin } from '@itsm-m365/licence-catalog';
import { m365ImportPlugin } from '@itsm-m365/m365-import';
import type { Clock } from '@itsm-m365/plugin-api';
import { systemClock } from './surroundings.ts';

const plugins = [licenceCatalogPlugin, m365ImportPlugin, complianceEnginePlugin];

export const openStore = (file: string, clock: Clock) => openDatabase({ dialect: 'sqlite', file }, { clock });

/** Makes a file with all tables and indexes of the product, empty: floor and product both start from one. */
export const prepareStore = async (file: string): Promise<void> => {
  const db = await openStore(file, systemClock);
  const all = plugins.map(({ id, migrations = [] }) => ({ plugin: id, migrations }));
  await migrate(db, all, { mode: 'apply', clock: systemClock });
  await db.close();
};
