/** What can go wrong without being a bug: a value, or why there is none. Nothing here throws. */
export type Result<Value, Failure> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Failure }
