import { defineConfig } from 'vitest/config'

export default defineConfig({
  ssr: { resolve: { conditions: ['@skein/source'] } },
  test: { reporters: ['default', ['json', { outputFile: 'test-results/vitest.json' }]] },
})
