import type { Browser, Page } from '@playwright/test'
import type { SiteServer } from '../e2e/site-server.ts'
import type { Language } from './options.ts'
import type { ScreenName } from './screen-names.ts'

/** Where screens are opened. */
export interface Stage {
  readonly browser: Browser
  /** The site with rooms for many, and one whose rooms are for two. */
  readonly server: SiteServer
  readonly small: SiteServer
}

/** A screen that is open, ready to be looked at in any size. */
export interface OpenScreen {
  readonly page: Page
  /** Called after each change of the size. */
  readonly resized?: () => Promise<void>
  readonly close: () => Promise<void>
}

type Open = (stage: Stage, language: Language) => Promise<OpenScreen>

const people = [
  ['Ann', 'madder'],
  ['Ben', 'indigo'],
  ['李梅', 'ochre'],
  ['مريم', 'plum'],
  ['Maximiliana Fürstenberg-Hohe', 'moss'],
  ['Cleo', 'spruce'],
  ['Dan', 'rose'],
  ['👩‍👩‍👧 Kim', 'slate'],
] as const

const talk = [
  'Good morning! The link worked right away.',
  '早上好！今天天气不错，适合放风筝。',
  'A longer message, to see how lines break: it has a link, https://example.org/a/long/path/that/does/not/end, and goes on after it.',
  'look:\n```\n  if (isHost) crown.show()\n```',
  'مرحبا بالجميع',
  '🎉',
]

let rooms = 0

async function newPage(stage: Stage, language: Language, profile?: object): Promise<Page> {
  const context = await stage.browser.newContext({
    locale: language === 'en' ? 'en-GB' : 'zh-CN',
    reducedMotion: 'reduce',
  })
  if (profile) {
    await context.addInitScript((saved) => {
      if (location.protocol === 'http:') localStorage.setItem('skein.profile', saved)
    }, JSON.stringify(profile))
  }
  return context.newPage()
}

const closeAll = async (pages: readonly Page[]): Promise<void> => {
  for (const page of pages) await page.context().close()
}

/** A page without a room. */
const plain =
  (path: string): Open =>
  async (stage, language) => {
    const page = await newPage(stage, language)
    await page.goto(stage.server.url + path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    return { page, close: () => closeAll([page]) }
  }

/** A page whose site names a server that nobody runs. */
const cutOff =
  (isShown: (page: Page) => Promise<unknown>): Open =>
  async (stage, language) => {
    const page = await newPage(stage, language, { name: 'Ann', colour: 'madder' })
    // The discard port: connections to it are refused.
    const signal = 'ws://127.0.0.1:9/ws'
    await page.route('**/config.json', (route) => route.fulfill({ json: { signal } }))
    await page.goto(`${stage.server.url}/#/r/blue-door`)
    await isShown(page)
    return { page, close: () => closeAll([page]) }
  }

/** So many people in a new room, all connected to each other. */
async function gather(stage: Stage, language: Language, count: number): Promise<readonly Page[]> {
  rooms += 1
  const pages: Page[] = []
  for (const [name, colour] of people.slice(0, count)) {
    const page = await newPage(stage, language, { name, colour })
    await page.goto(`${stage.server.url}/#/r/blue-door-${rooms}`)
    await page.locator('[data-room][data-status="connected"]').waitFor()
    pages.push(page)
  }
  for (const page of pages) {
    // On a narrow screen the list may be out of view.
    const links = page.locator('[data-link="open"]')
    if (count > 1) await links.nth(count - 2).waitFor({ state: 'attached', timeout: 60_000 })
  }
  return pages
}

/** They talk in turn. */
async function speak(pages: readonly Page[]): Promise<void> {
  for (const [index, text] of talk.entries()) {
    const field = pages[index % pages.length]?.locator('textarea')
    await field?.fill(text)
    await field?.press('Enter')
  }
}

/** A room with so many people; the picture is of the first one's page. */
const room =
  (count: number, prepare?: (page: Page) => Promise<unknown>): Open =>
  async (stage, language) => {
    const pages = await gather(stage, language, count)
    const [page] = pages
    if (!page) throw new Error('a room has at least one person')
    if (count > 1) await speak(pages)
    await prepare?.(page)
    return { page, close: () => closeAll(pages) }
  }

const full: Open = async (stage, language) => {
  const open = room(2)
  const others = await open({ ...stage, server: stage.small }, language)
  const page = await newPage(stage, language, { name: 'Cleo', colour: 'spruce' })
  await page.goto(`${stage.small.url}/#/r/blue-door-${rooms}`)
  await page.getByRole('alert').waitFor()
  return { page, close: async () => void (await Promise.all([others.close(), closeAll([page])])) }
}

/** On a narrow screen the chat is on a tab. */
const chat: Open = async (stage, language) => {
  const opened = await room(3)(stage, language)
  const tab = opened.page.getByRole('tab').last()
  const resized = async () => {
    if (await tab.isVisible()) await tab.click()
  }
  return { ...opened, resized }
}

const openers: Readonly<Record<ScreenName, Open>> = {
  start: plain('/'),
  invitation: plain('/#/r/blue-door'),
  'wrong-name': plain(`/#/r/${'x'.repeat(200)}`),
  'not-found': plain('/no/such/page'),
  joining: cutOff((page) => page.getByRole('status').waitFor()),
  unreachable: cutOff((page) => page.getByRole('alert').waitFor({ timeout: 60_000 })),
  full,
  alone: room(1),
  'room-3': room(3),
  'room-8': room(8),
  chat,
  share: room(3, (page) => page.locator('header button').first().click()),
  menu: room(3, (page) => page.locator('header [aria-haspopup="menu"]').click()),
  person: room(3, (page) => page.locator('[data-peer-id] button').last().click()),
}

export const openScreen = (
  name: ScreenName,
  stage: Stage,
  language: Language,
): Promise<OpenScreen> => openers[name](stage, language)
