#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { capYoungGeneration } from './server/cap-young-generation.ts'
import { type RunningServer, startServer } from './server/server.ts'
import { helpText, readCommand, unknownVariables } from './settings/command-line.ts'
import type { Settings } from './settings/settings.ts'
import { StartError } from './settings/start-error.ts'
import { defaultStateDirectory } from './settings/state-directory.ts'

const main = async (): Promise<void> => {
  const command = readCommand({ argv: process.argv.slice(2), env: process.env })
  if (!command.ok) return fail(command.error)
  switch (command.value.type) {
    case 'help':
      return print(helpText())
    case 'version':
      return print(version())
    case 'start':
      return start(command.value.settings)
  }
}

const start = async (settings: Partial<Settings>): Promise<void> => {
  for (const name of unknownVariables(process.env)) {
    process.stderr.write(`skein-signal: ignoring the unknown setting ${name}.\n`)
  }
  try {
    const stateDir = defaultStateDirectory({ env: process.env })
    handleSignals(await startServer({ site: bundledSite(), stateDir, ...settings }))
    capYoungGeneration()
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    fail(error.message)
  }
}

/** The demo site, which is part of the published package; `null` when run from source. */
const bundledSite = (): string | null => {
  const directory = new URL('site/', import.meta.url)
  return existsSync(new URL('index.html', directory)) ? fileURLToPath(directory) : null
}

/** SIGTERM (a deploy) drains, SIGINT (Ctrl+C) closes; a second signal exits at once. */
const handleSignals = (server: RunningServer): void => {
  let isStopping = false
  const on = (signal: NodeJS.Signals, stop: () => Promise<void>): void => {
    process.on(signal, () => {
      if (isStopping) process.exit(1)
      isStopping = true
      stop().then(
        () => process.exit(0),
        () => process.exit(1),
      )
    })
  }
  on('SIGTERM', server.drain)
  on('SIGINT', server.close)
}

const version = (): string => {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  )
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return isManifest ? String(manifest.version) : 'unknown'
}

const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const fail = (message: string): void => {
  process.stderr.write(`skein-signal: ${message}\n`)
  process.exitCode = 1
}

await main()
