const prefix = 'skein.'

/** What was remembered under `key`; `null` when there is nothing or storage is blocked. */
export function recall(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(prefix + key) ?? 'null')
  } catch {
    // Blocked by the browser or written by somebody else: as good as empty.
    return null
  }
}

/** Remembers `value` on this device, where the browser allows it. */
export function remember(key: string, value: unknown): void {
  try {
    localStorage.setItem(prefix + key, JSON.stringify(value))
  } catch {
    // Blocked or full: the page works without a memory.
  }
}
