import type { Page } from '@playwright/test'

/** Links, buttons and fields in view that are smaller than 44 px, with their size. */
export const smallTargets = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const scope = document.querySelector('dialog[open]') ?? document
    const selector = 'button, a[href], input, textarea, select, [role="tab"]'
    /** A link in a sentence is as high as its line. */
    const isInText = (element: Element) =>
      element.matches('a') &&
      getComputedStyle(element).display === 'inline' &&
      (element.parentElement?.textContent ?? '') !== element.textContent
    return Array.from(scope.querySelectorAll(selector))
      .filter((element) =>
        element.checkVisibility({ visibilityProperty: true, opacityProperty: true }),
      )
      .filter((element) => !isInText(element))
      .map((element) => {
        const isChoice = element.matches('input[type="radio"], input[type="checkbox"]')
        const target = (isChoice ? element.closest('label') : null) ?? element
        const { width, height } = target.getBoundingClientRect()
        const name = element.getAttribute('aria-label') ?? element.textContent?.trim() ?? ''
        return { name: name || element.id || element.tagName, width, height }
      })
      .filter(({ width, height }) => Math.min(width, height) < 43.9)
      .map(({ name, width, height }) => `${name}: ${Math.round(width)} × ${Math.round(height)}`)
  })

/** Text in view that is smaller than `minPx`, with its size. */
export const smallTexts = (page: Page, minPx: number): Promise<readonly string[]> =>
  page.evaluate((min) => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const texts: Text[] = []
    while (walker.nextNode()) if (walker.currentNode instanceof Text) texts.push(walker.currentNode)
    return texts
      .map((text) => ({ text: text.data.trim(), element: text.parentElement }))
      .filter(({ text, element }) => text !== '' && element?.checkVisibility() === true)
      .filter(({ element }) => !element?.closest('.visually-hidden, noscript, script, style'))
      .map(({ text, element }) => ({
        text,
        size: Number.parseFloat(getComputedStyle(element ?? document.body).fontSize),
      }))
      .filter(({ size }) => size < min - 0.05)
      .map(({ text, size }) => `${text}: ${size} px`)
  }, minPx)

/** How many pixels the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
