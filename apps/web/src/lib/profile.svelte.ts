import { type Dye, dyes, isDye } from './dyes.ts'
import { recall, remember } from './storage.ts'

/** The longest name that is shown, in characters. */
export const maxNameLength = 32

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** Control characters, and the invisible ones that would turn the direction of what follows. */
const unwanted = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** A name as it may be shown: one line, not too long; empty when there is nothing to show. */
export function tidyName(value: unknown): string {
  if (typeof value !== 'string') return ''
  const visible = value.replace(unwanted, '').trim()
  return Array.from(visible).slice(0, maxNameLength).join('')
}

/** Who I am to others; remembered on this device. */
class Profile {
  name = $state('')
  colour = $state<Dye>(dyes[Math.floor(Math.random() * dyes.length)] ?? 'spruce')
  /** Whether I was here before: then a link leads straight into its room. */
  isKnown = $state(false)

  constructor() {
    const stored = recall('profile')
    if (!isRecord(stored)) return
    this.name = tidyName(stored.name)
    if (isDye(stored.colour)) this.colour = stored.colour
    this.isKnown = this.name !== ''
  }

  get presence(): { readonly name: string; readonly colour: Dye } {
    return { name: tidyName(this.name), colour: this.colour }
  }

  save(): void {
    this.name = tidyName(this.name)
    this.isKnown = this.name !== ''
    remember('profile', this.presence)
  }
}

export const profile = new Profile()
