import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Compiling the generator takes a while on a busy machine.
    testTimeout: 60_000,
    reporters: ['default', ['json', { outputFile: 'test-results/vitest.json' }]],
  },
})
