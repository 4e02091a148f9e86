import { hash } from 'node:crypto';
import type { Randomness } from '@itsm-m365/plugin-api';

/**
 * Keys for persons who may be new. The same object gets the same key within one stage without a look-up; the salt is
 * random, lives in memory only and is gone with the stage, so that no key can be traced to an object id afterwards.
 */
export const personKeys = (random: Randomness): ((objectId: string) => number) => {
  const salt = random.uuid() + random.uuid();
  return (objectId) => {
    // 13 hexadecimal digits are 52 bits; 0 is no key.
    return 1 + Number.parseInt(hash('sha256', salt + objectId, 'hex').slice(0, 13), 16);
  };
};
