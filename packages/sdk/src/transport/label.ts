import { SkeinError } from '../base/errors.ts'
import { utf8 } from '../core/bytes.ts'

/** Channels that a peer may announce in one session. */
export const maxChannels = 1024
export const maxLabelBytes = 128

/** What muxes say to each other goes by a channel that nobody can be late to read. */
export const muxLabel = ''
/** The channel of calls. Labels up to it are the SDK's own. */
export const callsLabel = '\0'

/** Throws `bad-argument` for a label that no channel of an application can have. */
export const checkLabel = (label: string): void => {
  if (label > callsLabel && utf8(label).length <= maxLabelBytes) return
  throw new SkeinError('bad-argument', { message: `label: 1 to ${maxLabelBytes} bytes` })
}
