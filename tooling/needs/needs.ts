import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Whether a program that some tests need is on the PATH. If it is missing, these tests are not
 * defined, and the test command lists their files at its end. With TEST_REQUIRES_EXTERNALS=1 a
 * missing program is an error instead.
 */
export function needs(program: string): boolean {
  if (isInstalled(program)) return true
  const message = `not run: the tests that need ${program}, which is not on the PATH`
  if (process.env.TEST_REQUIRES_EXTERNALS === '1') throw new Error(message)
  console.info(message)
  return false
}

/** Whether a program is on the PATH. */
export function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .some((folder) => isExecutable(join(folder, program)))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
