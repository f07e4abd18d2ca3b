/** A route of the server that `url` belongs to, for `fetch`. */
export const urlBeside = (url: string, path: string): string => {
  const target = new URL(url.replace(/^ws/i, 'http'))
  target.pathname = target.pathname.replace(/\/ws\/?$/, path)
  return target.href
}
