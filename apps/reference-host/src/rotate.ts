import { randomBytes } from 'node:crypto';
import type { Logger } from '@itsm-m365/plugin-api';
import { machineClock, machineRandom } from '@itsm-m365/server-tasks';
import type { Configuration } from './configuration.ts';
import { openOwnDatabase } from './host.ts';
import { addKey, dropOldKeys, openKeyRing } from './key-ring.ts';
import { resealAll } from './secrets.ts';

/**
 * Seals every stored secret with a new key. In three steps, each of which survives a kill: the new key is added, the
 * secrets are sealed anew in one transaction, the old keys are dropped. With the key in the environment the operator puts
 * the new one in front of the old (`SECRETS_KEY=new,old`) and this seals with it.
 */
export const rotateSecretsKey = async (
  configuration: Configuration,
  logger: Logger,
): Promise<{ readonly resealed: number; readonly lost: number }> => {
  const { dataDirectory, secretsKey } = configuration;
  const { db } = await openOwnDatabase(configuration, logger, 'apply');
  try {
    const keys =
      secretsKey === undefined
        ? await addKey(dataDirectory, randomBytes)
        : await openKeyRing(dataDirectory, secretsKey, randomBytes);
    const result = await resealAll({ db, keys, clock: machineClock, random: machineRandom, randomBytes });
    if (secretsKey === undefined && result.lost === 0) await dropOldKeys(dataDirectory, keys);
    return result;
  } finally {
    await db.close();
  }
};
