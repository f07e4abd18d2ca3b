import { Follower, type ScrollPosition } from './follower.ts'

/** Scrolls the log: to its end while the reader follows, to the first unread message on return. */
export class LogScroll {
  /** Whether the newest message is in view, or will be. */
  isFollowing = $state(true)
  readonly #follower = new Follower()
  #box: HTMLElement | null = null
  #wasVisible = false

  /** Attaches to the box that scrolls. */
  readonly attach = (box: HTMLElement): (() => void) => {
    this.#box = box
    // A scrollable box must be reachable by keyboard.
    box.tabIndex = 0
    const onscroll = () => {
      // A hidden box reports zeros.
      if (box.clientHeight === 0) return
      this.#follower.scrolled(positionOf(box))
      this.isFollowing = this.#follower.isFollowing
    }
    const observer = new ResizeObserver(() => this.#resized(box))
    observer.observe(box)
    for (const child of box.children) observer.observe(child)
    box.addEventListener('scroll', onscroll, { passive: true })
    return () => {
      observer.disconnect()
      box.removeEventListener('scroll', onscroll)
      this.#box = null
    }
  }

  toEnd(): void {
    const box = this.#box
    if (box) this.#move(box, box.scrollHeight)
    // Also while the box is hidden.
    this.#follower.isFollowing = this.isFollowing = true
  }

  /** For buttons that are gone once they are pressed: the focus must not go with them. */
  focus(): void {
    this.#box?.focus({ preventScroll: true })
  }

  /** To the line above the first unread message, if the messages below it do not fit. */
  toUnread(): void {
    const box = this.#box
    const line = box?.querySelector<HTMLElement>('[data-unread-line]')
    if (!box || !line || box.clientHeight === 0) return
    const above = line.getBoundingClientRect().top - box.getBoundingClientRect().top
    this.#move(box, box.scrollTop + above - 12)
  }

  #resized(box: HTMLElement): void {
    const isVisible = box.clientHeight > 0
    const isShown = isVisible && !this.#wasVisible
    this.#wasVisible = isVisible
    if (!isVisible || !this.isFollowing) return
    this.#move(box, box.scrollHeight)
    if (isShown) this.toUnread()
  }

  #move(box: HTMLElement, top: number): void {
    box.scrollTop = top
    this.#follower.moved(positionOf(box))
    this.isFollowing = this.#follower.isFollowing
  }
}

const positionOf = ({ scrollTop, scrollHeight, clientHeight }: HTMLElement): ScrollPosition => ({
  top: scrollTop,
  fromEnd: scrollHeight - scrollTop - clientHeight,
})
