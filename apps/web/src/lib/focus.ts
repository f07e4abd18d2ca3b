import { tick } from 'svelte'

/** Focuses the first invalid field of a form. */
export async function focusFirstInvalid(form: EventTarget | null): Promise<void> {
  await tick()
  if (!(form instanceof HTMLFormElement)) return
  form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
}

/** Whether the focused element is gone: a keyboard would start again at the top of the page. */
export const isFocusLost = (): boolean =>
  document.activeElement === null || document.activeElement === document.body

/** Focuses an element that is not a control, such as a heading. */
function focusOn(element: HTMLElement): void {
  element.tabIndex = -1
  element.focus({ preventScroll: true })
}

/** Focuses the heading of the page if what had the focus is gone. */
export function rescueFocus(): void {
  const heading = document.querySelector('h1')
  if (heading !== null && isFocusLost()) focusOn(heading)
}

let isFirstScreen = true

/** For the heading of a screen: takes over the focus that the screen before it has lost. */
export function takeLostFocus(element: HTMLElement): void {
  if (isFocusLost() && !isFirstScreen) focusOn(element)
  isFirstScreen = false
}
