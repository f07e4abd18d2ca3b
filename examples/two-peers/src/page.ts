/** A new line in the log of the page. */
export const show = (line: string): void => {
  const item = document.createElement('li')
  item.textContent = line
  document.querySelector('#log')?.append(item)
}

/** Calls `say` with what is typed into the page. */
export const onSay = (say: (text: string) => Promise<void>): void => {
  document.querySelector('#form')?.addEventListener('submit', (event) => {
    event.preventDefault()
    const input = document.querySelector<HTMLInputElement>('#say')
    if (!input?.value) return
    say(input.value).catch((error: unknown) => show(String(error)))
    input.value = ''
  })
}
