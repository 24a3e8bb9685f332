import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'embedded', include: ['embedded/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 } },
      {
        // One network, one file at a time: a test that stops the clock stops it for all.
        test: {
          name: 'rpc',
          include: ['rpc/*.test.ts'],
          globalSetup: 'support/localnet.ts',
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
