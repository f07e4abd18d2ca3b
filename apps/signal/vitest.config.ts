import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { isInstalled } from './src/testing/needs.ts'

const config: ViteUserConfig = defineConfig({
  ssr: { resolve: { conditions: ['@skein/source'] } },
  test: {
    include: ['src/**/*.test.ts'],
    // Some start processes of their own, on machines that are busy with other things.
    testTimeout: 30_000,
    // A file whose tests all need what is missing here defines none.
    passWithNoTests: !isInstalled('redis-server'),
    reporters: ['default', ['json', { outputFile: 'test-results/vitest.json' }]],
  },
})

export default config
