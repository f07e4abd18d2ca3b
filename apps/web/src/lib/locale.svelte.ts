import { isLocale, type Locale, locales, overwriteGetLocale } from '../paraglide/runtime.js'
import { loadItem, saveItem } from './storage.ts'

/** The first of the browser's languages that the site supports. */
function fromBrowser(): Locale {
  for (const tag of navigator.languages) {
    if (/^zh\b/i.test(tag)) return 'zh-CN'
    if (/^en\b/i.test(tag)) return 'en'
  }
  return 'en'
}

const saved = (): Locale | null => {
  const stored = loadItem('locale')
  return isLocale(stored) ? stored : null
}

/** The language of the page: the browser's, until the visitor chooses another. */
class Language {
  #current = $state<Locale>(saved() ?? fromBrowser())
  readonly all: readonly Locale[] = locales
  /** With the visitor's own region, if it is of this language. */
  readonly #region = $derived(
    navigator.languages.find((tag) => tag.startsWith(this.#current.slice(0, 2))) ?? this.#current,
  )
  readonly #timeFormat = $derived(new Intl.DateTimeFormat(this.#region, { timeStyle: 'short' }))
  readonly #listFormat = $derived(new Intl.ListFormat(this.#region))

  constructor() {
    // Messages read the locale through this, so that a switch re-renders them without a reload.
    overwriteGetLocale(() => this.#current)
    document.documentElement.lang = this.#current
  }

  get current(): Locale {
    return this.#current
  }

  choose(locale: Locale): void {
    this.#current = locale
    document.documentElement.lang = locale
    saveItem('locale', locale)
  }

  time(at: Date): string {
    return this.#timeFormat.format(at)
  }

  /** "Ann, Ben and Cleo". */
  list(items: readonly string[]): string {
    return this.#listFormat.format(items)
  }
}

export const language = new Language()

/** The name of each language in that language. */
export const endonyms: Readonly<Record<Locale, string>> = { en: 'English', 'zh-CN': '简体中文' }
