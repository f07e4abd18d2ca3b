import { toVectorNames } from './field-names.ts'
import { clientVectors, serverVectors } from './messages.ts'
import { stories } from './stories.ts'

/** Every file of golden vectors, by its path in the package, as the code would write it now. */
export const vectorFiles = (): Readonly<Record<string, unknown>> => ({
  'vectors/client-messages.json': clientVectors(),
  'vectors/server-messages.json': serverVectors(),
  'vectors/rooms.json': toVectorNames(stories),
})
