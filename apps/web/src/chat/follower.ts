/** Where a scroll box is, in pixels. */
export interface ScrollPosition {
  readonly top: number
  /** How far the end of the content is below the box. */
  readonly fromEnd: number
}

/** Closer than this to the end, in pixels, the reader is there: positions are fractional. */
const atEndPx = 8

/** Decides whether a log stays at its end. Content that grows never ends that, only the reader does. */
export class Follower {
  isFollowing = true
  #top = 0

  /** The box was scrolled, by whomever. Only the reader moves up without reaching the end. */
  scrolled({ top, fromEnd }: ScrollPosition): void {
    if (fromEnd <= atEndPx) this.isFollowing = true
    else if (top < this.#top) this.isFollowing = false
    this.#top = top
  }

  /** The page moved the box there. */
  moved({ top, fromEnd }: ScrollPosition): void {
    this.isFollowing = fromEnd <= atEndPx
    this.#top = top
  }
}
