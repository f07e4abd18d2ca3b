import { tick } from 'svelte'

/** Takes the visitor to the first field of a form that is not right yet. */
export async function focusFirstProblem(form: EventTarget | null): Promise<void> {
  await tick()
  if (!(form instanceof HTMLFormElement)) return
  form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
}
