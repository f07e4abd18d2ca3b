// `pnpm shots`: every screen in every size, theme and language, on one contact sheet.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from '@playwright/test'
import { findBrowser } from '@skein/browser'
import { SiteServer } from '../e2e/site-server.ts'
import { contactSheet, type Picture } from './contact-sheet.ts'
import { type Language, OptionError, type Options, readOptions } from './options.ts'
import type { ScreenName } from './screen-names.ts'
import { type OpenScreen, openScreen, type Stage } from './screens.ts'

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  const out = resolve(process.env.INIT_CWD ?? '.', options.out)
  await mkdir(out, { recursive: true })
  const browser = await chromium.launch(findBrowser())
  const [server, small] = [new SiteServer(), new SiteServer({ SKEIN_MAX_ROOM_MEMBERS: '2' })]
  try {
    await server.start()
    await small.start()
    const pictures: Picture[] = []
    for (const screen of options.screens) {
      await rm(join(out, `${screen}.png`), { force: true })
      for (const language of options.languages) {
        pictures.push(
          ...(await take({ stage: { browser, server, small }, screen, language, options, out })),
        )
      }
      console.log(`${screen}: ${pictures.filter((each) => each.screen === screen).length} pictures`)
    }
    await writeFile(join(out, 'index.html'), contactSheet(pictures))
    await takeSheets(browser, out, options.screens)
    console.log(`${pictures.length} pictures: ${join(out, 'index.html')}`)
  } finally {
    await Promise.all([server.kill(), small.kill(), browser.close()])
  }
}

interface Taking {
  readonly stage: Stage
  readonly screen: ScreenName
  readonly language: Language
  readonly options: Options
  readonly out: string
}

/** Opens a screen once, and takes it in each theme and size. */
async function take({
  stage,
  screen,
  language,
  options,
  out,
}: Taking): Promise<readonly Picture[]> {
  const opened = await openScreen(screen, stage, language)
  const pictures: Picture[] = []
  for (const theme of options.themes) {
    await opened.page.emulateMedia({ colorScheme: theme })
    for (const { width, height } of options.sizes) {
      await resize(opened, { width, height })
      const file = `${screen}-${width}x${height}-${theme}-${language}.png`
      await opened.page.screenshot({ path: join(out, file) })
      pictures.push({ screen, file, caption: `${width} × ${height}, ${theme}, ${language}` })
    }
  }
  await opened.close()
  return pictures
}

async function resize({ page, resized }: OpenScreen, size: { width: number; height: number }) {
  await page.setViewportSize(size)
  // The graph is laid out in the frame after its size is known.
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  )
  await resized?.()
}

/** A picture of each section of the sheet. */
async function takeSheets(
  browser: Stage['browser'],
  out: string,
  screens: readonly ScreenName[],
): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 2_000, height: 1_000 } })
  await page.goto(pathToFileURL(join(out, 'index.html')).href)
  for (const screen of screens) {
    await page.locator(`#${screen}`).screenshot({ path: join(out, `${screen}.png`) })
  }
  await page.close()
}

main().catch((error: unknown) => {
  console.error(error instanceof OptionError ? error.message : error)
  process.exitCode = 1
})
