import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** The one test configuration: workspace packages are resolved to their sources, so a package tests alone and unbuilt. */
export const preset = (overrides: ViteUserConfig['test'] = {}): ViteUserConfig =>
  defineConfig({
    resolve: { conditions: ['source'] },
    ssr: { resolve: { conditions: ['source', 'node', 'module', 'import', 'default'] } },
    test: {
      include: ['src/**/*.test.ts'],
      environment: 'node',
      // A busy machine, and a T-SQL server that makes a database for each file, need patience.
      testTimeout: process.env.TEST_MSSQL_URL ? 180_000 : 30_000,
      hookTimeout: process.env.TEST_MSSQL_URL ? 180_000 : 60_000,
      maxWorkers: 2,
      // Modules are loaded once for each worker and not for each file: half the time of a package with fifty files. Tests
      // keep nothing in modules, and put back what they change of the process.
      isolate: false,
      ...overrides,
    },
  });
