import { fileURLToPath } from 'node:url'
import { defineConfig } from '@playwright/test'
import { findBrowser } from '@skein/browser'
import { needs } from '@skein/needs'

/** Talking, and who is host: what has to work in every browser. */
const inFirefoxToo = /(?:chat(?:-\w+)?|host)\.e2e\.ts$/

const firefox = {
  name: 'firefox',
  testMatch: inFirefoxToo,
  use: {
    browserName: 'firefox',
    // One that anybody can install, over WebDriver BiDi: Playwright's own is another build.
    channel: 'moz-firefox',
    launchOptions: {
      executablePath: fileURLToPath(new URL('e2e/firefox-bidi.ts', import.meta.url)),
      // Not every machine resolves the mDNS names that candidates have otherwise.
      firefoxUserPrefs: { 'media.peerconnection.ice.obfuscate_host_addresses': false },
    },
  },
} as const

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.e2e.ts',
  outputDir: 'test-results/files',
  forbidOnly: true,
  failOnFlakyTests: true,
  retries: 0,
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json', { outputFile: 'test-results/playwright.json' }]],
  projects: [
    { name: 'chromium', use: { launchOptions: { ...findBrowser() } } },
    ...(needs('firefox') ? [firefox] : []),
  ],
  use: {
    locale: 'en-GB',
    // With several visitors, screenshots in the trace cost more than everything else.
    trace: { mode: 'retain-on-failure', screenshots: false },
    viewport: { width: 1280, height: 800 },
  },
})
