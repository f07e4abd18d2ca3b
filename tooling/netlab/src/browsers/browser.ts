import type { CDPSession } from 'puppeteer-core'
import type { Netlab } from '../../page/netlab-page.ts'

export type BrowserKind = (typeof browserKinds)[number]

export const browserKinds = ['chromium', 'firefox'] as const

/** A browser inside the namespace of a side. */
export interface Browser {
  readonly kind: BrowserKind
  /** Opens the page in a window of its own, so that it is visible. */
  readonly openTab: (url: string) => Promise<Tab>
  readonly isRunning: () => boolean
}

/** A page with one member. */
export interface Tab {
  readonly call: Call
  /** Goes to a page without a peer. */
  readonly navigateAway: () => Promise<void>
  readonly close: () => Promise<void>
  /** Chromium only. */
  readonly chromium: ChromiumTab | null
}

export interface ChromiumTab {
  readonly devTools: CDPSession
  /** Lets another tab of the same window cover it. */
  readonly hide: () => Promise<void>
  readonly show: () => Promise<void>
  /** What the page holds once its garbage is collected. */
  readonly readMemory: () => Promise<PageMemory>
}

export interface PageMemory {
  readonly connections: number
  readonly listeners: number
  readonly heapKb: number
}

/** Calls a function of the page. */
export type Call = <Name extends keyof Netlab>(
  name: Name,
  ...args: Parameters<Netlab[Name]>
) => Promise<Awaited<ReturnType<Netlab[Name]>>>

export const toCall =
  (evaluate: (code: string) => Promise<unknown>): Call =>
  async (name, ...args) => {
    const code = `Promise.resolve(window.netlab.${name}(${JSON.stringify(args[0])}))`
    return JSON.parse(String(await evaluate(`${code}.then((it) => JSON.stringify(it ?? null))`)))
  }

/** Resolves to true once the page is there to be called. */
export const readyCode = `new Promise((resolve) => {
  const look = () => ('netlab' in window ? resolve(true) : setTimeout(look, 10))
  look()
})`
