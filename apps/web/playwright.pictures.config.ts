import { defineConfig } from '@playwright/test'
import config from './playwright.config.ts'

/** Retakes the README pictures: `pnpm --filter @skein/web pictures`, after a build. */
export default defineConfig({ ...config, testMatch: '*.pictures.ts', reporter: 'list' })
