import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = dirname(fileURLToPath(import.meta.url));
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

const planted: Readonly<Record<string, string>> = {
  fetch: "export const planted = () => fetch('https://example.test');",
  console: "export const planted = () => console.log('x');",
  process: 'export const planted = process.env;',
  'node-fs': "import { readFileSync } from 'node:fs';\nexport const planted = readFileSync;",
  timers: 'export const planted = () => setTimeout(() => undefined, 1);',
  harmless: "export { evaluateProduct as planted } from '../../src/engine/evaluate.ts';",
};

describe('the purity of the engine', () => {
  let place = '';
  let errors = '';

  beforeAll(() => {
    // Beside the package, not in the machine's temporary folder: the tsconfig extends that of the workspace by path.
    place = mkdtempSync(join(folder, '..', '..', 'node_modules', '.purity-'));
    for (const [name, source] of Object.entries(planted)) {
      writeFileSync(join(place, `${name}.ts`), source);
    }
    const settings = { extends: join(folder, 'tsconfig.json'), include: ['*.ts'], exclude: [] };
    writeFileSync(join(place, 'tsconfig.json'), JSON.stringify(settings));
    try {
      execFileSync(process.execPath, [tsc, '-p', join(place, 'tsconfig.json')], { encoding: 'utf8' });
    } catch (error) {
      errors = String((error as { stdout?: string }).stdout);
    }
  });
  afterAll(() => rmSync(place, { recursive: true, force: true }));

  for (const name of Object.keys(planted).filter((one) => one !== 'harmless')) {
    it(`COMP-01: the engine's folder does not compile with ${name} in it`, () => {
      expect(errors).toMatch(new RegExp(`${name}\\.ts\\(\\d+,\\d+\\): error TS`));
    });
  }

  it("COMP-01: the engine's folder compiles without them", () => {
    expect(errors).not.toMatch(/harmless\.ts/);
    expect(errors).not.toMatch(/engine\/\w+/);
  });

  it('COMP-01: the engine asks nobody for the time and for no random number', () => {
    const sources = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
    expect(sources.length).toBeGreaterThan(5);
    for (const file of sources) {
      expect(readFileSync(join(folder, file), 'utf8'), file).not.toMatch(
        /Date\.now|new Date\(\)|Math\.random|from '[^.]/,
      );
    }
  });
});
