import { MediaQuery } from 'svelte/reactivity'
import { loadItem, saveItem } from './storage.ts'

type Choice = 'system' | 'light' | 'dark'

const asChoice = (value: unknown): Choice =>
  value === 'light' || value === 'dark' ? value : 'system'

/** The system's theme, until the visitor chooses one. `public/theme.js` reads the same key. */
class Theme {
  #choice = $state<Choice>(asChoice(loadItem('theme')))
  readonly #systemIsDark = new MediaQuery('prefers-color-scheme: dark')

  get isDark(): boolean {
    return this.#choice === 'system' ? this.#systemIsDark.current : this.#choice === 'dark'
  }

  toggle(): void {
    this.#choice = this.isDark ? 'light' : 'dark'
    document.documentElement.dataset.theme = this.#choice
    colourBrowserBar(this.#choice)
    saveItem('theme', this.#choice)
  }
}

/** As `public/theme.js` does for a saved theme. */
function colourBrowserBar(theme: Choice): void {
  const metas = document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')
  for (const meta of metas) meta.media = meta.dataset.for === theme ? 'all' : 'not all'
}

export const theme = new Theme()
