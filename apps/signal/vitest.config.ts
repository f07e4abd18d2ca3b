import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { isInstalled } from './src/testing/needs.ts'

const config: ViteUserConfig = defineConfig({
  ssr: { resolve: { conditions: ['@skein/source'] } },
  test: {
    include: ['src/**/*.test.ts'],
    // Some tests start processes, possibly on a busy machine.
    testTimeout: 30_000,
    // Without redis-server, some files define no tests.
    passWithNoTests: !isInstalled('redis-server'),
    reporters: ['default', ['json', { outputFile: 'test-results/vitest.json' }]],
  },
})

export default config
