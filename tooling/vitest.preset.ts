import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** The one test configuration: workspace packages are resolved to their sources, so a package tests alone and unbuilt. */
export const preset = (overrides: ViteUserConfig['test'] = {}): ViteUserConfig =>
  defineConfig({
    resolve: { conditions: ['source'] },
    ssr: { resolve: { conditions: ['source', 'node', 'module', 'import', 'default'] } },
    test: {
      include: ['src/**/*.test.ts'],
      environment: 'node',
      testTimeout: 20_000,
      maxWorkers: 2,
      ...overrides,
    },
  });
