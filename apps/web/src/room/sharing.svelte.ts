import { roomLink } from '../lib/route.svelte.ts'

/** How long "copied" is shown, in ms. */
const shownMs = 2_000

/** Bringing others in: the link, copied or as a QR code. */
export class Sharing {
  readonly link: string
  isCopied = $state(false)
  isQrOpen = $state(false)
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(room: string) {
    this.link = roomLink(room)
  }

  /** Where the browser does not allow it, the dialog offers the link to be copied by hand. */
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
