import { SkeinError } from '../base/errors.ts'
import { isWellFormed, utf8 } from '../core/bytes.ts'

/** The number of channels that a peer may open in one session. */
export const maxChannels = 1024
export const maxLabelBytes = 128

/** The channel for control messages between muxes. It is always read at once. */
export const muxLabel = ''
/** The channel for calls. */
export const callsLabel = '\0'
/** The channels for what members do for others: messages, and frames that are forwarded. */
export const meshLabel = '\0m'
export const relayLabel = '\0r'
/** Labels that sort before this one are reserved for the SDK. */
export const firstLabel = '\x01'

/** Whether the channel is for others: who leaves does not wait for what it has on the way. */
export const isForOthers = (label: string): boolean => label > callsLabel && label < firstLabel

/** Throws `bad-argument` for a label that an application cannot use. */
export const checkLabel = (label: string): void => {
  if (label >= firstLabel && utf8(label).length <= maxLabelBytes && isWellFormed(label)) return
  throw new SkeinError('bad-argument', { message: `label: 1 to ${maxLabelBytes} bytes of text` })
}
