import { type Dye, dyes, isDye } from './dyes.ts'
import { recall, remember } from './storage.ts'
import { tidyName } from './tidy-name.ts'

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

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
