import type { Person } from '../lib/people.ts'
import { Disclosure } from '../shell/disclosure.svelte.ts'

/** The sheet of one person: opened from the list, or from the graph. */
export class PersonSheet extends Disclosure {
  #id = $state<Person['id'] | null>(null)

  get id(): Person['id'] | null {
    return this.#id
  }

  openFor(person: Person, opener: EventTarget | null): void {
    this.#id = person.id
    this.open(opener)
  }
}
