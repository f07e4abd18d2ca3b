import type { SignalData } from '@skein/protocol'

/** A signal that can be told from all others of its sender. */
export function markedSignal(serial: number): SignalData {
  const candidate = { candidate: `${serial}` }
  return { link: { local: 'l', remote: null }, type: 'candidate', candidate }
}

/** The number that `markedSignal` was given; `null` for a signal that it did not make. */
export function markOf(data: SignalData): number | null {
  const text = data.type === 'candidate' ? data.candidate?.candidate : undefined
  return text === undefined || !/^\d+$/.test(text) ? null : Number(text)
}
