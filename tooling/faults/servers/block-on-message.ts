// Preloaded into a node, so that a test can block its event loop.

/** The message from a test to a node. */
export interface BlockOrder {
  readonly blockMs: number
}

process.on('message', ({ blockMs }: BlockOrder) => {
  const neverNotified = new Int32Array(new SharedArrayBuffer(4))
  Atomics.wait(neverNotified, 0, 0, blockMs)
})
// The channel to the test must not keep the node alive.
process.channel?.unref()
