import { roomLink } from '../lib/route.svelte.ts'
import { Disclosure } from '../shell/disclosure.svelte.ts'

/** How long "copied" is shown, in ms. */
const shownMs = 2_000

/** Sharing the room link: copied, as a QR code, or with an app of the system. */
export class Sharing {
  readonly link: string
  /** The link as people read it: `ein sehr langer Name`, not `ein%20sehr%20langer%20Name`. */
  readonly readableLink: string
  readonly sheet = new Disclosure()
  readonly canUseSystem = typeof navigator.share === 'function'
  isCopied = $state(false)
  readonly #room: string
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(room: string) {
    this.#room = room
    this.link = roomLink(room)
    this.readableLink = this.link.slice(0, -encodeURIComponent(room).length) + room
  }

  /** Copies the link. If the browser blocks that, opens the sheet to copy it by hand. */
  async copy(): Promise<void> {
    if (!(await toClipboard(this.link))) {
      this.sheet.open()
      return
    }
    this.isCopied = true
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.isCopied = false
    }, shownMs)
  }

  /** Offers the link to the apps of the device. */
  async useSystem(): Promise<void> {
    try {
      await navigator.share({ title: this.#room, url: this.link })
    } catch {
      // Cancelled, or the device has no app for links: the sheet stays open.
    }
  }

  /** Whoever copies the readable link gets the one that works everywhere. */
  readonly oncopy = (event: ClipboardEvent): void => {
    event.clipboardData?.setData('text/plain', this.link)
    event.preventDefault()
  }
}

async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Pages on plain http have no clipboard API.
    return copyWithEvent(text)
  }
}

function copyWithEvent(text: string): boolean {
  let isDone = false
  const oncopy = (event: ClipboardEvent) => {
    event.clipboardData?.setData('text/plain', text)
    event.preventDefault()
    isDone = true
  }
  document.addEventListener('copy', oncopy, { capture: true })
  document.execCommand('copy')
  document.removeEventListener('copy', oncopy, { capture: true })
  return isDone
}
