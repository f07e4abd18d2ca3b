import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

export interface StateDirectoryOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform?: NodeJS.Platform
  readonly home?: () => string
}

/**
 * The default of `SKEIN_STATE_DIR`: the directory that systemd provides, or else `skein` in the
 * user's directory for state. `null`: the user has none.
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RuntimeDirectory=
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export const defaultStateDirectory = ({
  env,
  platform = process.platform,
  home = homedir,
}: StateDirectoryOptions): string | null => {
  // A unit with several state directories lists them all.
  const [provided = ''] = (env.STATE_DIRECTORY ?? '').split(':')
  if (provided !== '' && platform !== 'win32') return provided
  const [configured, ...inHome] =
    platform === 'win32'
      ? [env.LOCALAPPDATA, 'AppData', 'Local']
      : [env.XDG_STATE_HOME, '.local', 'state']
  // The specification says to ignore a relative path.
  if (configured !== undefined && isAbsolute(configured)) return join(configured, 'skein')
  const directory = homeOrNull(home)
  return directory === null ? null : join(directory, ...inHome, 'skein')
}

/** Containers may run as a user without an entry in the user database, for which Node throws. */
const homeOrNull = (home: () => string): string | null => {
  try {
    return home()
  } catch {
    return null
  }
}
