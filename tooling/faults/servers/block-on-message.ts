// Loaded into a node before its own program, so that a test can hold up its event loop.

/** What a test sends to a node. */
export interface BlockOrder {
  readonly blockMs: number
}

process.on('message', ({ blockMs }: BlockOrder) => {
  const nobody = new Int32Array(new SharedArrayBuffer(4))
  Atomics.wait(nobody, 0, 0, blockMs)
})
// The node lives and ends as if nobody had a line to it.
process.channel?.unref()
