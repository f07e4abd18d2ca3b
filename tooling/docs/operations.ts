import {
  logLines,
  type MetricEntry,
  metricEntries,
  type SettingEntry,
  settingEntries,
  unreadyEntries,
} from '@skein/signal/reference'

/** The pages with tables of settings, metrics and log lines. */
export const operationsPages = ['docs/operations.md', 'apps/signal/README.md'] as const

/** Fills in the tables from the server's reference, at `<!-- settings -->` and so on. */
export async function withOperations(text: string): Promise<string> {
  const tables: Readonly<Record<string, string>> = {
    settings: table(['name', 'default', ''], settingEntries().map(settingRow)),
    metrics: table(['metric', 'kind', ''], (await metricEntries()).map(metricRow)),
    reasons: table(['reason', ''], rowsOf(unreadyEntries)),
    log: table(['line', ''], rowsOf(logLines)),
  }
  return Object.entries(tables).reduce((page, [name, content]) => {
    const section = new RegExp(`(<!-- ${name} -->)[\\s\\S]*?(<!-- /${name} -->)`)
    return page.replace(section, (_, start: string, end: string) => `${start}\n${content}\n${end}`)
  }, text)
}

/** Escapes bars, because a bar would end its cell. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

function settingRow({ env, fallback, help }: SettingEntry): readonly string[] {
  return [`\`${env}\``, fallback === null ? '' : `\`${fallback}\``, help]
}

function metricRow({ name, type, help, label, values }: MetricEntry): readonly string[] {
  const series = label === null ? name : `${name}{${label}}`
  const named = values.map((value) => `\`${value}\``).join(', ')
  return [`\`${series}\``, type, label === null ? help : `${help} ${named}.`]
}

const rowsOf = (entries: Readonly<Record<string, string>>): readonly (readonly string[])[] =>
  Object.entries(entries).map(([name, meaning]) => [`\`${name}\``, meaning])
