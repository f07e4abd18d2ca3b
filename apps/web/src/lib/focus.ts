import { tick } from 'svelte'

/** Focuses the first invalid field of a form. */
export async function focusFirstInvalid(form: EventTarget | null): Promise<void> {
  await tick()
  if (!(form instanceof HTMLFormElement)) return
  form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
}
