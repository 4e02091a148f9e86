import { preset } from '../tooling/vitest.preset.ts';

/** Long tests that draw by chance; `SOAK_SEED` repeats one, `SOAK_ROUNDS` (kills) and `SOAK_MUTATIONS` (answers) make it longer. */
export default preset({ include: ['src/soak/**/*.soak.ts'], testTimeout: 360_000, hookTimeout: 60_000 });
