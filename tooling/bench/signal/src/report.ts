/** Tells the parent where the server listens, and, whenever asked, how much memory it takes. */
export const report = (port: number): void => {
  process.on('message', () => {
    // Twice: what the first run lets go of, the second collects.
    globalThis.gc?.()
    globalThis.gc?.()
    process.send?.({ rss: process.memoryUsage.rss() })
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.({ port })
}
