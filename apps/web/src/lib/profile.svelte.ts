import { type Dye, dyes, isDye } from './dyes.ts'
import { loadItem, saveItem } from './storage.ts'
import { tidyName } from './tidy-name.ts'

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** The visitor's name and colour, saved on this device. */
class Profile {
  name = $state('')
  colour = $state<Dye>(dyes[Math.floor(Math.random() * dyes.length)] ?? 'spruce')
  /** Whether a name is saved: a room link then opens the room without a form. */
  isKnown = $state(false)

  constructor() {
    const stored = loadItem('profile')
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
    saveItem('profile', this.presence)
  }
}

export const profile = new Profile()
