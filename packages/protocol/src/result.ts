/** A value, or the reason why there is none. For failures that are not bugs, instead of throwing. */
export type Result<Value, Failure> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Failure }
