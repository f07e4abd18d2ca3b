import { defineConfig } from '@playwright/test'
import config from './playwright.config.ts'

/** Retakes the README pictures: `pnpm --filter @skein/web pictures`, after a build. */
export default defineConfig({
  ...config,
  projects: config.projects?.slice(0, 1) ?? [],
  testMatch: '*.pictures.ts',
  reporter: 'list',
})
