#!/usr/bin/env node
// Starts Firefox for Playwright, which gives it a port for WebDriver BiDi and reads its address from
// the output. Playwright (1.65) sends a command on opening a context that Firefox ESR (153) does not
// know; with the error that it answers, no context opens. This passes everything on but that error.
import { spawn } from 'node:child_process'
import { findProgram } from '@skein/needs'
import { WebSocket, WebSocketServer } from 'ws'

const optional = ['emulation.setMediaFeaturesOverride']

interface Answer {
  readonly id?: number
  readonly type?: string
  readonly error?: string
}

/** Passes messages on in both directions, and turns refusals of optional commands into answers. */
function passOn(page: WebSocket, address: string): void {
  const firefox = new WebSocket(address)
  const waiting: string[] = []
  const asked = new Set<number>()
  page.on('message', (data) => {
    const text = String(data)
    const { id, method } = JSON.parse(text)
    if (optional.includes(method)) asked.add(id)
    if (firefox.readyState === WebSocket.OPEN) firefox.send(text)
    else waiting.push(text)
  })
  firefox.on('open', () => {
    for (const text of waiting) firefox.send(text)
  })
  firefox.on('message', (data) => {
    const text = String(data)
    const { id = -1, type, error }: Answer = JSON.parse(text)
    const isUnknown = type === 'error' && error === 'unknown command' && asked.delete(id)
    page.send(isUnknown ? JSON.stringify({ type: 'success', id, result: {} }) : text)
  })
  for (const [one, other] of [
    [page, firefox],
    [firefox, page],
  ] as const) {
    one.on('close', () => other.close())
    one.on('error', () => other.close())
  }
}

const program = findProgram('firefox')
if (program === null) throw new Error('Firefox is not on the PATH')
const browser = spawn(program, process.argv.slice(2), { stdio: ['ignore', 'inherit', 'pipe'] })
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
browser.stderr.setEncoding('utf8').on('data', (text: string) => {
  const [line, address] = /WebDriver BiDi listening on (ws:\S+)/.exec(text) ?? []
  if (line === undefined || address === undefined) {
    process.stderr.write(text)
    return
  }
  server.on('connection', (page, { url }) => passOn(page, address + (url ?? '')))
  const own = server.address()
  const port = own !== null && typeof own !== 'string' ? own.port : 0
  process.stderr.write(text.replace(address, `ws://127.0.0.1:${port}`))
})
browser.on('exit', (code) => process.exit(code ?? 1))
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => browser.kill(signal))
}
