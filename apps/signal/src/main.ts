#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { capYoungGeneration } from './server/cap-young-generation.ts'
import { type RunningServer, startServer } from './server/server.ts'
import { helpText, readCommand, unknownVariables } from './settings/command-line.ts'
import type { Settings } from './settings/settings.ts'
import { StartError } from './settings/start-error.ts'

const main = async (): Promise<void> => {
  const command = readCommand({ argv: process.argv.slice(2), env: process.env })
  if (!command.ok) return giveUp(command.error)
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
    process.stderr.write(`skein-signal: ${name} is no setting of this version and is ignored.\n`)
  }
  try {
    handleSignals(await startServer({ site: ownSite(), ...settings }))
    capYoungGeneration()
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    giveUp(error.message)
  }
}

/** The demo site, which goes with the published command; beside the sources there is none. */
const ownSite = (): string | null => {
  const directory = new URL('site/', import.meta.url)
  return existsSync(new URL('index.html', directory)) ? fileURLToPath(directory) : null
}

/** SIGTERM is a deploy, SIGINT somebody at a terminal; whoever asks twice does not want to wait. */
const handleSignals = (server: RunningServer): void => {
  let isEnding = false
  const on = (signal: NodeJS.Signals, end: () => Promise<void>): void => {
    process.on(signal, () => {
      if (isEnding) process.exit(1)
      isEnding = true
      end().then(
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

const giveUp = (sentence: string): void => {
  process.stderr.write(`skein-signal: ${sentence}\n`)
  process.exitCode = 1
}

await main()
