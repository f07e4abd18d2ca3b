import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  ssr: { resolve: { conditions: ['@skein/source'] } },
  test: {
    include: ['src/**/*.test.ts'],
    // Some start processes of their own, on machines that are busy with other things.
    testTimeout: 30_000,
    reporters: ['default', ['json', { outputFile: 'test-results/vitest.json' }]],
  },
})

export default config
