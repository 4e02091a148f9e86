import { preset } from '../../tooling/vitest.preset.ts';

// A fresh database on a busy test server takes seconds.
export default preset({ hookTimeout: 60_000, testTimeout: 60_000 });
