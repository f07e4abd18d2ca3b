/** Why the server did not start: one clear sentence for the person at the terminal. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
