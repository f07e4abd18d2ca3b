/** Every screen of the site, in the order of the contact sheet. */
export const screenNames = [
  'start',
  'invitation',
  'wrong-name',
  'not-found',
  'joining',
  'unreachable',
  'full',
  'alone',
  'room-3',
  'room-8',
  'chat',
  'share',
  'menu',
  'person',
] as const

export type ScreenName = (typeof screenNames)[number]
