import { defineConfig } from 'vitest/config'

export default defineConfig({
  ssr: { resolve: { conditions: ['@skein/source'] } },
  test: {
    include: [
      'src/**/*.test.ts',
      'schema/**/*.test.ts',
      'simulation/**/*.test.ts',
      'vectors/**/*.test.ts',
    ],
    reporters: ['default', ['json', { outputFile: 'test-results/vitest.json' }]],
  },
})
