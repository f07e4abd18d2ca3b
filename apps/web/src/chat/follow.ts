/** Nearer to the end than this, in pixels, the reader means to follow. */
const nearPx = 80

/** Keeps a scrolled box at its end while its content grows, unless the reader has scrolled up. */
export function follow(box: HTMLElement): () => void {
  // What scrolls must be reachable by keyboard.
  box.tabIndex = 0
  let isFollowing = true
  const onscroll = () => {
    isFollowing = box.scrollHeight - box.scrollTop - box.clientHeight < nearPx
  }
  const toEnd = () => {
    if (isFollowing) box.scrollTop = box.scrollHeight
  }
  const watcher = new ResizeObserver(toEnd)
  watcher.observe(box)
  for (const child of box.children) watcher.observe(child)
  box.addEventListener('scroll', onscroll, { passive: true })
  toEnd()
  return () => {
    watcher.disconnect()
    box.removeEventListener('scroll', onscroll)
  }
}
