// What the build starts from: one entry, so that `diagnose` shares the code of `joinRoom` as the other
// chunks do. As an entry of its own it would split that code into more files for every page.
export { joinRoom, SkeinError } from './index.ts'

/** Bundlers of applications drop this: `@skein/sdk/diagnose` names the chunk itself. */
export const loadDiagnose = (): Promise<typeof import('./diagnose/index.ts')> =>
  import('./diagnose/index.ts')
