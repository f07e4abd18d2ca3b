import type { Locale } from '../paraglide/runtime.js'
import type { Dye } from './dyes.ts'

/** Birds that travel or sing together, by language and in the same order. */
const birds: Readonly<Record<Locale, string>> = {
  en: 'goose swan heron crane swallow lark wren finch',
  'zh-CN': '大雁 天鹅 白鹭 仙鹤 燕子 云雀 鹪鹩 雀鸟',
}

/** What is of that colour. */
const adjectives: Readonly<Record<Locale, Readonly<Record<Dye, string>>>> = {
  en: {
    madder: 'Rusty',
    ochre: 'Golden',
    moss: 'Mossy',
    spruce: 'Evergreen',
    indigo: 'Inky',
    plum: 'Plum',
    rose: 'Rosy',
    slate: 'Misty',
  },
  'zh-CN': {
    madder: '茜红的',
    ochre: '赭黄的',
    moss: '苔色的',
    spruce: '松绿的',
    indigo: '靛蓝的',
    plum: '梅紫的',
    rose: '玫红的',
    slate: '青灰的',
  },
}

/** A name for someone who has not chosen one, such as "Mossy goose". `bird` is any whole number. */
export function friendlyName(locale: Locale, colour: Dye, bird: number): string {
  const list = birds[locale].split(' ')
  const adjective = adjectives[locale][colour]
  const separator = locale === 'en' ? ' ' : ''
  return adjective + separator + (list[bird % list.length] ?? list[0])
}
