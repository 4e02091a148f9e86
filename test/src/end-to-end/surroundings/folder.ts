import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Folder {
  readonly path: string;
  remove(): void;
}

/** A folder of its own for one test; removed by whoever made it. */
export const temporaryFolder = (): Folder => {
  const path = mkdtempSync(join(tmpdir(), 'itsm-m365-e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) };
};
