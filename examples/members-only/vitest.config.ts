import { defineConfig } from 'vitest/config'

export default defineConfig({
  ssr: { resolve: { conditions: ['@skein/source'] } },
  test: {
    include: ['src/**/*.test.ts'],
    reporters: ['default', ['json', { outputFile: 'test-results/test-browser.json' }]],
    // Enough for a slow machine under load.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
