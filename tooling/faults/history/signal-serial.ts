import type { SignalData } from '@skein/protocol'

/** Creates a signal that carries its serial. */
export function createSignal(serial: number): SignalData {
  const candidate = { candidate: `${serial}` }
  return { link: { local: 'l', remote: null }, type: 'candidate', candidate }
}

/** The serial of a signal; `null` if `createSignal` did not create it. */
export function serialOf(data: SignalData): number | null {
  const text = data.type === 'candidate' ? data.candidate?.candidate : undefined
  return text === undefined || !/^\d+$/.test(text) ? null : Number(text)
}
