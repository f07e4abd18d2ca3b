import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Compiling the generator takes its time on a machine that does other work.
    testTimeout: 60_000,
    reporters: ['default', ['json', { outputFile: 'test-results/vitest.json' }]],
  },
})
