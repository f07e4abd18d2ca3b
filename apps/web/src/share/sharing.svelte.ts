import { roomLink } from '../lib/route.svelte.ts'

/** How long "copied" is shown, in ms. */
const shownMs = 2_000

/** Sharing the room link: copied, or as a QR code. */
export class Sharing {
  readonly link: string
  isCopied = $state(false)
  isQrOpen = $state(false)
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(room: string) {
    this.link = roomLink(room)
  }

  /** Copies the link. If the browser blocks that, opens the dialog to copy it by hand. */
  async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.link)
    } catch {
      this.isQrOpen = true
      return
    }
    this.isCopied = true
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.isCopied = false
    }, shownMs)
  }
}
