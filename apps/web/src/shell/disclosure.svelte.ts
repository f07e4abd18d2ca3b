import { on } from 'svelte/events'
import { rescueFocus } from '../lib/focus.ts'

/** Whether a dialog or a menu is open. When it closes, the focus goes back to what opened it. */
export class Disclosure {
  isOpen = $state(false)

  /** `opener` gets the focus when this closes: Safari does not focus a button that is clicked. */
  open(opener?: EventTarget | null): void {
    if (opener instanceof HTMLElement || opener instanceof SVGElement) opener.focus()
    this.isOpen = true
  }

  close(): void {
    this.isOpen = false
  }
}

/** Shows a `<dialog>` above the page while `disclosure` is open; a click beside it closes it. */
export const modal = (disclosure: Disclosure) => (dialog: HTMLDialogElement) => {
  if (disclosure.isOpen) dialog.showModal()
  else if (dialog.open) dialog.close()
  const isBeside = ({ clientX: x, clientY: y }: MouseEvent) => {
    const { left, right, top, bottom } = dialog.getBoundingClientRect()
    return x < left || x > right || y < top || y > bottom
  }
  // A drag that begins inside, as when text is selected, ends in a click on the backdrop too.
  let beganBeside = false
  const ends = [
    on(dialog, 'pointerdown', (event) => {
      beganBeside = event.target === dialog && isBeside(event)
    }),
    on(dialog, 'click', (event) => {
      if (beganBeside && isBeside(event)) disclosure.close()
    }),
    // Also after Escape, and the back gesture of a phone.
    on(dialog, 'close', () => {
      disclosure.close()
      rescueFocus()
    }),
  ]
  return () => {
    for (const end of ends) end()
  }
}
