/**
 * Calls `task` every so many milliseconds from a worker, whose timers are not slowed down in hidden
 * tabs. Returns a function that ends it.
 */
export function everyTick(everyMs: number, task: () => void): () => void {
  const code = new Blob([`setInterval(() => postMessage(0), ${everyMs})`])
  const url = URL.createObjectURL(code)
  const worker = new Worker(url)
  worker.onmessage = task
  return () => {
    worker.terminate()
    URL.revokeObjectURL(url)
  }
}
