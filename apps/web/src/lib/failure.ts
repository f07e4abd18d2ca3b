import { m } from '../paraglide/messages.js'

/** Why the visitor is not in the room: an SDK error code, one of the site, or `unknown`. */
export type FailureCode = string

/** What happened and what to do about it, in the visitor's language. */
export interface Explanation {
  readonly title: string
  readonly text: string
  /** Whether a retry can help. */
  readonly isRetryable: boolean
}

const explain = (title: string, text: string, isRetryable = true): Explanation => ({
  title,
  text,
  isRetryable,
})

const explanations: Readonly<Record<string, () => Explanation>> = {
  'no-webrtc': () => explain(m.failure_no_webrtc(), m.failure_no_webrtc_text(), false),
  'connect-failed': () => explain(m.failure_unreachable(), m.failure_unreachable_text()),
  timeout: () => explain(m.failure_unreachable(), m.failure_unreachable_text()),
  'room-full': () => explain(m.failure_room_full(), m.failure_room_full_text()),
  overloaded: () => explain(m.failure_overloaded(), m.failure_overloaded_text()),
  'rate-limited': () => explain(m.failure_overloaded(), m.failure_overloaded_text()),
  unauthorized: () => explain(m.failure_unauthorized(), m.failure_unauthorized_text()),
  'origin-refused': () => explain(m.failure_origin(), m.failure_origin_text()),
  'unsupported-version': () => explain(m.failure_version(), m.failure_version_text()),
  'bad-argument': () => explain(m.failure_name(), m.failure_name_text(), false),
  'bad-message': () => explain(m.failure_name(), m.failure_name_text(), false),
  'bad-config': () => explain(m.failure_config(), m.failure_config_text()),
  'not-loaded': () => explain(m.failure_not_loaded(), m.failure_not_loaded_text()),
  closed: () => explain(m.failure_removed(), m.failure_removed_text()),
}

export const explainFailure = (code: FailureCode): Explanation =>
  explanations[code]?.() ?? explain(m.failure_other(), m.failure_other_text({ code }))

const reasons: Readonly<Record<string, () => string>> = {
  'peer-unreachable': m.reason_unreachable,
  'peer-not-found': m.reason_gone,
  'peer-gone': m.reason_gone,
  'queue-full': m.reason_queue,
  timeout: m.reason_timeout,
  'not-host': m.reason_not_host,
  'not-eligible': m.reason_not_eligible,
  closed: m.reason_closed,
  'too-large': m.reason_too_large,
}

/** Why a single action failed, phrased to fit into a sentence. */
export const failureReason = (code: FailureCode): string =>
  reasons[code]?.() ?? m.reason_other({ code })

/** The code of a thrown value; `unknown` if it has none. */
export function codeOf(error: unknown): FailureCode {
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'unknown'
  return typeof error.code === 'string' ? error.code : 'unknown'
}
