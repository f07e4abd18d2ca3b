import { type Dye, dyes, isDye } from './dyes.ts'
import { friendlyName } from './friendly-name.ts'
import { language } from './locale.svelte.ts'
import { loadItem, saveItem } from './storage.ts'
import { maxNameLength, tidyName } from './tidy-name.ts'

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const random = (limit: number): number => Math.floor(Math.random() * limit)

/** The visitor's name and colour, saved on this device. */
class Profile {
  colour = $state<Dye>(dyes[random(dyes.length)] ?? 'spruce')
  /** Whether a name is saved: a room link then opens the room without a form. */
  isKnown = $state(false)
  /** `null` until the visitor has typed a name: one is proposed. */
  #typed = $state<string | null>(null)
  readonly #bird = random(1_000)

  constructor() {
    const stored = loadItem('profile')
    if (!isRecord(stored)) return
    const name = tidyName(stored.name)
    if (isDye(stored.colour)) this.colour = stored.colour
    if (name === '') return
    this.#typed = name
    this.isKnown = true
  }

  get name(): string {
    return this.#typed ?? friendlyName(language.current, this.colour, this.#bird)
  }

  set name(name: string) {
    this.#typed = name
  }

  /** What is wrong with the name; `null` if it is valid. */
  get problem(): 'empty' | 'too-long' | null {
    if (tidyName(this.name) === '') return 'empty'
    return Array.from(this.name.trim()).length > maxNameLength ? 'too-long' : null
  }

  get presence(): { readonly name: string; readonly colour: Dye } {
    return { name: tidyName(this.name), colour: this.colour }
  }

  /** Saves a name that is valid. */
  save(): void {
    if (this.problem !== null) return
    this.name = tidyName(this.name)
    this.isKnown = true
    saveItem('profile', this.presence)
  }
}

export const profile = new Profile()
