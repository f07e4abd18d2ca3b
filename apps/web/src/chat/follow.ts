/** Closer to the end than this, in pixels, the reader is following. */
const followDistancePx = 80

/** Keeps a scroll box at its end as content is added, unless the reader has scrolled up. */
export function follow(box: HTMLElement): () => void {
  // A scrollable box must be reachable by keyboard.
  box.tabIndex = 0
  let isFollowing = true
  const onscroll = () => {
    isFollowing = box.scrollHeight - box.scrollTop - box.clientHeight < followDistancePx
  }
  const scrollToEnd = () => {
    if (isFollowing) box.scrollTop = box.scrollHeight
  }
  const observer = new ResizeObserver(scrollToEnd)
  observer.observe(box)
  for (const child of box.children) observer.observe(child)
  box.addEventListener('scroll', onscroll, { passive: true })
  scrollToEnd()
  return () => {
    observer.disconnect()
    box.removeEventListener('scroll', onscroll)
  }
}
