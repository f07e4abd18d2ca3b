import { MediaQuery } from 'svelte/reactivity'
import { recall, remember } from './storage.ts'

type Choice = 'system' | 'light' | 'dark'

const asChoice = (value: unknown): Choice =>
  value === 'light' || value === 'dark' ? value : 'system'

/** Light or dark: the system's, until the visitor says otherwise. `public/theme.js` knows the key. */
class Theme {
  #choice = $state<Choice>(asChoice(recall('theme')))
  readonly #systemIsDark = new MediaQuery('prefers-color-scheme: dark')

  get isDark(): boolean {
    return this.#choice === 'system' ? this.#systemIsDark.current : this.#choice === 'dark'
  }

  toggle(): void {
    this.#choice = this.isDark ? 'light' : 'dark'
    document.documentElement.dataset.theme = this.#choice
    remember('theme', this.#choice)
  }
}

export const theme = new Theme()
