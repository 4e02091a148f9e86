import { preset } from '../../tooling/vitest.preset.ts';

// Files share a process: loading the modules anew and making keys for each file took longer than the tests themselves.
export default preset({ isolate: false });
