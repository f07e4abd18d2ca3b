import { joinRoom, SkeinError } from '@skein/sdk'

const query = new URLSearchParams(location.search)
const url = query.get('signal') ?? 'ws://localhost:8787/ws'
const name = query.get('room') ?? 'club'

const show = (line: string): void => {
  const item = document.createElement('li')
  item.textContent = line
  document.querySelector('#log')?.append(item)
}

/** Called for each join and each resume, because a token expires after five minutes. */
const token = async (): Promise<string> => {
  const response = await fetch(`/auth/token?room=${encodeURIComponent(name)}`)
  const text = await response.text()
  if (response.ok) return text
  throw new Error(text)
}

const join = async (): Promise<void> => {
  const room = await joinRoom({ url, room: name, token })
  show(`joined ${room.name}, other members: ${room.peers.size}`)
  room.on('peerjoin', () => show('someone joined'))
  const error = await room.closed
  if (error) show(`disconnected: ${error.message}`)
}

document.querySelector('form')?.addEventListener('submit', async (event) => {
  event.preventDefault()
  const body = new FormData(document.querySelector('form') ?? undefined)
  const response = await fetch('/auth/login', { method: 'POST', body })
  if (response.ok) await join().catch(showError)
  else show(await response.text())
})

// Succeeds right away if the user is already logged in.
await join().catch(showError)

function showError(error: unknown): void {
  if (!(error instanceof SkeinError)) throw error
  show(`${error.code}: ${error.cause instanceof Error ? error.cause.message : error.message}`)
}
