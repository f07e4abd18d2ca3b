const prefix = 'skein.'

/** Reads the value saved under `key`; `null` if there is none or storage is blocked. */
export function loadItem(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(prefix + key) ?? 'null')
  } catch {
    // Blocked by the browser, or not written by this site: treat it as empty.
    return null
  }
}

/** Saves `value` on this device, if the browser allows it. */
export function saveItem(key: string, value: unknown): void {
  try {
    localStorage.setItem(prefix + key, JSON.stringify(value))
  } catch {
    // Blocked or full: the page works without saved data.
  }
}
