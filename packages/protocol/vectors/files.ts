import { toVectorNames } from './field-names.ts'
import { clientVectors, serverVectors } from './messages.ts'
import { stories } from './stories.ts'

/** The contents that the current code gives to each file of golden vectors, by path. */
export const vectorFiles = (): Readonly<Record<string, unknown>> => ({
  'vectors/client-messages.json': clientVectors(),
  'vectors/server-messages.json': serverVectors(),
  'vectors/rooms.json': toVectorNames(stories),
})
