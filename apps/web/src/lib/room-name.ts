import { m } from '../paraglide/messages.js'
import type { Locale } from '../paraglide/runtime.js'

/** The protocol's limit, in UTF-8 bytes. */
export const maxRoomNameBytes = 128

const moods = 'brisk calm clear early gentle lucid mellow misty quiet sunny tidy warm wild windy'
const colours =
  'amber azure blue copper coral golden green hazel indigo ivory olive plum ruby silver teal white'
const places =
  'attic bay bridge brook cabin cove door ferry field garden gate harbor hill island lamp loom meadow mill orchard path pier porch river shore spindle tower window'

const times = '清晨 午后 黄昏 星夜 初雪 细雨 微风 晴空 暖阳 晚霞'
const scenes = '蓝门 静河 竹桥 石径 灯塔 果园 渡口 麦田 海湾 松林 小站 花窗'
const things = '风铃 纸鸢 油灯 茶壶 织机 木船 信鸽 口琴 棉线 秋千'

const lists: Readonly<Record<Locale, readonly string[]>> = {
  en: [moods, colours, places],
  'zh-CN': [times, scenes, things],
}

/** A friendly name that is easy to say over the phone, such as `quiet-blue-door`. */
export const proposeRoomName = (locale: Locale, random: () => number = Math.random): string =>
  lists[locale]
    .map((list) => list.split(' '))
    .map((words) => words[Math.floor(random() * words.length)])
    .join('-')

const byteLength = (text: string): number => new TextEncoder().encode(text).length

/** What is wrong with a room name, as a sentence; `null` if it is valid. */
export function roomNameProblem(name: string): string | null {
  if (name === '') return m.room_name_empty()
  if (/\p{Cc}/u.test(name)) return m.room_name_control()
  const excess = byteLength(name) - maxRoomNameBytes
  return excess > 0 ? m.room_name_too_long({ excess }) : null
}
