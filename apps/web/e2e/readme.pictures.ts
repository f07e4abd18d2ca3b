import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { type Frame, writeAnimation } from './animated-webp.ts'
import { expect, test } from './site-test.ts'
import type { Visitor } from './visitor.ts'

const picture = (file: string) =>
  fileURLToPath(new URL(`../../../docs/images/${file}`, import.meta.url))

const viewport = { width: 1000, height: 580 }

async function enterAll(visitors: readonly Visitor[]): Promise<void> {
  for (const visitor of visitors) await visitor.enter('blue-door')
  for (const visitor of visitors) {
    await visitor.waitForLinks(visitors.filter((other) => other !== visitor))
  }
}

for (const [colorScheme, file] of [
  ['light', 'room.png'],
  ['dark', 'room-dark.png'],
] as const) {
  test(`a room with three people chatting, ${colorScheme}`, async ({ visit }) => {
    const context = { colorScheme, reducedMotion: 'reduce', viewport } as const
    const ann = await visit('Ann', { colour: 'madder', context })
    const ben = await visit('Ben', { colour: 'indigo', context })
    const mei = await visit('李梅', { colour: 'ochre', context })
    const all = [ann, ben, mei]
    await enterAll(all)
    const lines = [
      [mei, 'Good morning! The link worked right away.'],
      [ann, 'Welcome! We are connected directly.'],
      [ben, '早上好！'],
      [ben, 'When Ann leaves, the crown comes to me.'],
    ] as const
    for (const [visitor, text] of lines) {
      await visitor.send(text)
      for (const other of all) await expect(other.message(text)).toBeVisible()
    }
    await ben.page.getByRole('heading', { name: 'Chat' }).click()
    await ben.page.screenshot({ path: picture(file) })
  })
}

const animations = [
  {
    file: 'crown.webp',
    locale: 'en-GB',
    people: ['Ann', 'Ben', 'Cleo', 'Mei'],
    messages: ['Hi all!', 'Ann has left. I am the host now.', 'No server? I can still read you.'],
    captions: [
      'Ann is the host. Messages go straight from browser to browser.',
      'Ann closes her tab. Ben is the host now, and everyone knows.',
      'The server is killed. The room goes on.',
      'The server is back: same people, same host, same term.',
    ],
  },
  {
    file: 'crown.zh-CN.webp',
    locale: 'zh-CN',
    people: ['安然', '周野', '林小满', '李梅'],
    messages: ['大家好！', '安然走了，现在我是房主。', '服务器断了？我还能看到你的消息。'],
    captions: [
      '安然是房主，消息从浏览器直达浏览器。',
      '安然关掉标签页，周野接任房主，人人都知道。',
      '服务器进程被杀掉，房间照常。',
      '服务器恢复：人没变，房主没变，任期也没变。',
    ],
  },
] as const

test.describe('a server with a recovery window', () => {
  // The default. Disconnected members return within 3 s.
  test.use({ settings: { SKEIN_REBUILD_MS: '5000' } })

  for (const { file, locale, people, messages, captions } of animations) {
    test(`the crown moves, the server dies and comes back: ${file}`, async ({
      browser,
      visit,
      server,
    }) => {
      const context = { reducedMotion: 'reduce', viewport } as const
      const host = await visit(people[0], { colour: 'madder', context })
      const next = await visit(people[1], { colour: 'indigo', context })
      const other = await visit(people[2], { colour: 'plum', context })
      const viewer = await visit(people[3], { colour: 'ochre', context: { ...context, locale } })
      await enterAll([host, next, other, viewer])
      const page = await browser.newPage({ locale })
      const recorder = new Recorder({ page, source: viewer.page, captions })
      const send = async (visitor: Visitor, text: string) => {
        await visitor.send(text)
        await expect(viewer.message(text)).toBeVisible()
      }

      await send(host, messages[0])
      await recorder.capture({ scene: 0, ms: 3_000 })

      await host.page.close({ runBeforeUnload: true })
      await expect(viewer.person(people[0])).toHaveCount(0)
      await expect(viewer.person(people[1])).toHaveAttribute('data-host', 'true')
      await recorder.capture({ scene: 1, ms: 1_500 })
      await send(next, messages[1])
      await recorder.capture({ scene: 1, ms: 2_500 })
      const before = await viewer.roomState()

      await server.kill()
      await expect(viewer.screen).toHaveAttribute('data-status', 'degraded')
      await send(other, messages[2])
      await recorder.capture({ scene: 2, ms: 4_000 })

      await server.start()
      await expect(viewer.screen).toHaveAttribute('data-status', 'connected', { timeout: 30_000 })
      await viewer.waitForLinks([next, other])
      // The caption says so.
      expect(await viewer.roomState()).toEqual(before)
      await recorder.capture({ scene: 3, ms: 4_000 })
      await recorder.save(picture(file))
    })
  }
})

interface RecorderOptions {
  /** Renders the frames. Closed by `save`. */
  readonly page: Page
  /** The page to take screenshots of. */
  readonly source: Page
  /** One per scene. */
  readonly captions: readonly string[]
}

/** Collects screenshots, each with a caption below it. */
class Recorder {
  readonly #options: RecorderOptions
  readonly #frames: Frame[] = []

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  async capture({ scene, ms }: { readonly scene: number; readonly ms: number }): Promise<void> {
    const { page, source, captions } = this.#options
    const shot = await source.screenshot()
    const dots = captions.map((_, index) => `<i ${index === scene ? 'class="now"' : ''}></i>`)
    await page.setViewportSize({ ...viewport, height: viewport.height + captionHeight })
    await page.setContent(`${captionStyle}
      <img alt="" src="data:image/png;base64,${shot.toString('base64')}" />
      <p>${captions[scene]} <span>${dots.join('')}</span></p>`)
    await page.locator('img').evaluate((image: HTMLImageElement) => image.decode())
    this.#frames.push({ png: await page.screenshot(), ms })
  }

  async save(path: string): Promise<void> {
    const { page } = this.#options
    await page.goto('about:blank')
    await writeAnimation(page, { path, frames: this.#frames })
    await page.close()
  }
}

const captionHeight = 56
const captionStyle = `<style>
  body { margin: 0 }
  img { display: block }
  p {
    display: flex; justify-content: space-between; align-items: center;
    box-sizing: border-box; height: ${captionHeight}px; margin: 0; padding: 0 24px;
    background: #16302b; color: #f7f4ed; font: 22px "Noto Sans CJK SC", sans-serif;
  }
  i {
    display: inline-block; width: 10px; height: 10px; margin-left: 10px;
    border-radius: 50%; background: #4d6a63;
  }
  i.now { background: #e0a82e }
</style>`
