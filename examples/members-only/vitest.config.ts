import { defineConfig } from 'vitest/config'

export default defineConfig({
  ssr: { resolve: { conditions: ['@skein/source'] } },
  test: {
    include: ['src/**/*.test.ts'],
    reporters: ['default', ['json', { outputFile: 'test-results/test-browser.json' }]],
    // A machine under load is slow, not wrong.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
