/** A row of the table of threats. */
export interface Threat {
  readonly threat: string
  readonly tests: readonly NamedTest[]
}

/** A test by the file it is in and its title, as it stands there. */
export interface NamedTest {
  readonly file: string
  readonly title: string
}

/** The rows of the table below the heading "Threats". */
export function threatsIn(security: string): readonly Threat[] {
  const [, section = ''] = /^## Threats$([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(security) ?? []
  const rows = section.split('\n').filter((line) => line.startsWith('| '))
  // The first is the head.
  return rows.slice(1).map((row) => {
    const [threat = '', , tests = ''] = row.slice(2, -2).split(' | ')
    return { threat, tests: tests.split('<br>').map(namedTest) }
  })
}

/** Whether the text of a file has a test with that title. */
export function hasTest(text: string, title: string): boolean {
  return ["'", '"', '`'].some(
    (quote) =>
      text.includes(`(${quote}${title}${quote}`) || text.includes(`\n  ${quote}${title}${quote}`),
  )
}

function namedTest(text: string): NamedTest {
  const [, file = '', title = ''] = /^\[[^\]]+\]\(([^)]+)\): “(.+)”$/.exec(text) ?? []
  return { file, title }
}
