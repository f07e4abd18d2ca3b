import { findBrowser } from '@skein/browser'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { nodePeersEnded, startNodePeer } from './vitest.commands.ts'

const conditions = ['@skein/source']
const step = process.env.npm_lifecycle_event?.replace(':', '-') ?? 'vitest'
/** Long enough for a machine under load. */
const testTimeout = 30_000

const config: ViteUserConfig = defineConfig({
  test: {
    reporters: ['default', ['json', { outputFile: `test-results/${step}.json` }]],
    projects: [
      {
        ssr: { resolve: { conditions } },
        test: {
          name: 'node',
          include: ['src/**/*.test.ts'],
          exclude: ['src/**/*.browser.test.ts'],
          testTimeout,
        },
      },
      {
        resolve: { conditions: [...conditions, 'module', 'browser', 'development|production'] },
        // The global setup runs in Node, from source: nothing is built in a fresh clone.
        environments: { __vitest__: { resolve: { conditions } } },
        test: {
          name: 'browser',
          include: ['src/**/*.browser.test.ts'],
          globalSetup: 'vitest.global.ts',
          testTimeout,
          browser: {
            enabled: true,
            headless: true,
            commands: { nodePeersEnded, startNodePeer },
            screenshotFailures: false,
            provider: playwright({ launchOptions: { ...findBrowser() } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
})

export default config
