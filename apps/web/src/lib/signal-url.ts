/**
 * The URL of the signaling server: `configured`, or `ws` beside the page. Both are relative to the
 * page, so that a site works under any path.
 */
export function signalUrl(page: string, configured?: string): string {
  const url = new URL(configured || './ws', page)
  url.protocol = url.protocol.replace('http', 'ws')
  url.hash = ''
  return url.href
}
