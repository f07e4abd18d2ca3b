import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['*.e2e.ts'],
    reporters: ['default', ['json', { outputFile: 'test-results/netlab.json' }]],
    // Each test runs the command once, which takes up to three minutes on a busy machine.
    testTimeout: 400_000,
    hookTimeout: 400_000,
  },
})
