import { defineConfig } from '@playwright/test'
import { findBrowser } from '@skein/browser'
import { freePort } from './free-port.ts'

// Playwright loads this file again in each worker: all must use the same port.
process.env.LAB_PORT ??= String(await freePort())
const port = Number(process.env.LAB_PORT)

export default defineConfig({
  testMatch: '*.spec.ts',
  outputDir: 'test-results/files',
  forbidOnly: true,
  failOnFlakyTests: true,
  retries: 0,
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['json', { outputFile: 'test-results/playwright.json' }]],
  use: {
    baseURL: `http://localhost:${port}`,
    launchOptions: { ...findBrowser() },
    trace: 'retain-on-failure',
  },
  webServer: {
    command: `node page/serve.ts ${port}`,
    url: `http://localhost:${port}`,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 3_000 },
  },
})
