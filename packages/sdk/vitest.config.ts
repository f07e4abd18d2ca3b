import { findBrowser } from '@skein/browser'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'

const conditions = ['@skein/source']
const step = process.env.npm_lifecycle_event?.replace(':', '-') ?? 'vitest'

export default defineConfig({
  test: {
    reporters: ['default', ['json', { outputFile: `test-results/${step}.json` }]],
    projects: [
      {
        ssr: { resolve: { conditions } },
        test: {
          name: 'node',
          include: ['src/**/*.test.ts'],
          exclude: ['src/**/*.browser.test.ts'],
        },
      },
      {
        resolve: { conditions: [...conditions, 'module', 'browser', 'development|production'] },
        test: {
          name: 'browser',
          include: ['src/**/*.browser.test.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { ...findBrowser() } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
})
