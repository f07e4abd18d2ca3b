/** A row of the threats table in SECURITY.md. */
export interface Threat {
  readonly threat: string
  readonly tests: readonly NamedTest[]
}

/** A test, by its file and its exact title. */
export interface NamedTest {
  readonly file: string
  readonly title: string
}

/** The rows of the table below the heading "Threats". */
export function threatsIn(security: string): readonly Threat[] {
  const [, section = ''] = /^## Threats$([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(security) ?? []
  const rows = section.split('\n').filter((line) => line.startsWith('| '))
  // The first row is the header.
  return rows.slice(1).map((row) => {
    const [threat = '', , tests = ''] = row.slice(2, -2).split(' | ')
    return { threat, tests: tests.split('<br>').map(namedTest) }
  })
}

/** Whether a file with this text has a test with this title. */
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
