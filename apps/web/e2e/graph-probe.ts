import type { Page } from '@playwright/test'

/** Counts the animation frames of a page that is opened from now on, and lets it answer late. */
export async function watchFrames(page: Page): Promise<void> {
  await page.addInitScript(() => {
    let frames = 0
    const request = window.requestAnimationFrame.bind(window)
    window.requestAnimationFrame = (callback) =>
      request((now) => {
        frames += 1
        document.documentElement.dataset.frames = String(frames)
        callback(now)
      })
    RTCDataChannel.prototype.send = new Proxy(RTCDataChannel.prototype.send, {
      apply(send, channel, args) {
        const delayMs = Number(document.documentElement.dataset.delayMs ?? 0)
        if (delayMs === 0) return Reflect.apply(send, channel, args)
        // The sender may use its buffer again at once.
        const kept = structuredClone(args)
        setTimeout(() => {
          if (channel.readyState === 'open') Reflect.apply(send, channel, kept)
        }, delayMs)
      },
    })
  })
}

/** The animation frames that the page has drawn since it was opened. */
export const framesOf = async (page: Page): Promise<number> =>
  Number((await page.locator('html').getAttribute('data-frames')) ?? 0)

/** Where the parts of the graph are, in pixels of the window. */
export const boxesIn = (page: Page) =>
  page.locator('.canvas').evaluate((canvas) => {
    const boxOf = (element: Element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect()
      return { left, right, top, bottom }
    }
    const all = (selector: string) => Array.from(canvas.querySelectorAll(selector))
    const [crown = canvas] = all('.crown')
    const labels = all('.labels > span').map((label) => {
      const name = label.querySelector('bdi')
      const isWhole = name !== null && name.scrollWidth <= name.clientWidth
      return { name: name?.textContent ?? '', isWhole, box: boxOf(label) }
    })
    return { canvas: boxOf(canvas), labels, discs: all('.disc').map(boxOf), crown: boxOf(crown) }
  })

/** Both ends of each strand, in pixels of the window, and its contrast with the paper. */
export const threadsIn = (page: Page) =>
  page.locator('.canvas').evaluate((canvas) => {
    const context = document.createElement('canvas').getContext('2d')
    const luminance = (colour: string) => {
      if (context === null) return 0
      context.fillStyle = colour
      context.fillRect(0, 0, 1, 1)
      const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data
      const linear = (value: number) =>
        value <= 10 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4
      return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }
    const paper = luminance(getComputedStyle(document.documentElement).backgroundColor)
    return Array.from(canvas.querySelectorAll<SVGPathElement>('.thread path:first-child'))
      .filter((path) => path.getTotalLength() > 0)
      .map((path) => {
        const own = luminance(getComputedStyle(path).stroke)
        const contrast = (Math.max(own, paper) + 0.05) / (Math.min(own, paper) + 0.05)
        const matrix = path.getScreenCTM() ?? undefined
        const at = (length: number) => {
          const { x, y } = path.getPointAtLength(length).matrixTransform(matrix)
          return { x, y }
        }
        return { contrast, ends: [at(0), at(path.getTotalLength())] }
      })
  })
