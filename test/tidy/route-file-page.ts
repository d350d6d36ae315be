import { routeFileSchema } from '@gatehouse/api-gateway/route-file-schema.ts'
import type { Schema } from '@gatehouse/api-gateway/shape.ts'

/** The page that lists all that can stand in a route file, made from what reads it. */
export const routeFilePage = (writeCommand: string): string => `<!-- Made by: ${writeCommand} -->
# The route file

YAML or JSON, at \`GATEWAY_ROUTES\`. A member that is not here is a fault, and so is a rule that nothing could follow;
with one fault the file is not used. How it is checked and put in force: [operating](operating.md#routes-of-your-own).
For editors: [route-file.schema.json](route-file.schema.json), named in the first line of the file:

\`\`\`yaml
# yaml-language-server: $schema=docs/route-file.schema.json
routes:
  - prefix: /blog
    upstream: [http://blog-1:3000, http://blog-2:3000]
\`\`\`

${rowsOf('', routeFileSchema)
  .map((row) => `| ${row.join(' | ')} |`)
  .toSpliced(0, 0, '| member | is | otherwise | meaning |', '| --- | --- | --- | --- |')
  .join('\n')}
`

/** A row for each member, those of objects behind them. */
const rowsOf = (path: string, schema: Schema): readonly (readonly string[])[] =>
  Object.entries(membersOf(schema)).flatMap(([name, member]) => {
    const full = path + name
    const otherwise = namesOf(schema['required']).includes(name) ? 'needed' : shown(member['default'])
    const row = [`\`${full}\``, kindOf(member), otherwise, String(member['description']).replaceAll('|', '\\|')]
    // What stands for every route is described where it stands for one.
    const inner =
      path === '' && name !== 'routes' ? [] : rowsOf(name === 'routes' ? `${name}[].` : `${full}.`, itemOf(member))
    return [row, ...inner]
  })

const kindOf = (schema: Schema): string => {
  if (schema['enum'] !== undefined) {
    const words = namesOf(schema['enum'])
    return words.length > 4 ? `as \`${words[0]}\`` : words.map((word) => `\`${word}\``).join(', ')
  }
  if (schema['anyOf'] !== undefined) return `${kindOf(itemOf(schema))}, or a list`
  if (schema['type'] === 'array') return schema['items'] === undefined ? 'list' : `list: ${kindOf(itemOf(schema))}`
  if (schema['type'] === 'integer') return `${String(schema['minimum'])} to ${String(schema['maximum'])}`
  if (schema['type'] === 'string') return `as \`${namesOf(schema['examples']).join('`, `')}\``
  return schema['type'] === 'boolean' ? '`true`, `false`' : 'object'
}

const shown = (value: unknown): string => {
  if (value === undefined) return ''
  const words = JSON.stringify(value)
    .replaceAll(/["[\]]/g, '')
    .replaceAll(',', ' ')
  return words === '' ? 'none' : `\`${words}\``
}

/** What a list is of, or the one where one or a list may stand; anything else is itself. */
const itemOf = (schema: Schema): Schema => {
  // These keywords hold schemas, by JSON Schema and by shape.ts, which wrote them.
  const [one] = (schema['anyOf'] ?? []) as readonly Schema[]
  return one ?? (schema['items'] as Schema | undefined) ?? schema
}

/** By JSON Schema and by shape.ts, which wrote it, this keyword holds schemas by name. */
const membersOf = (schema: Schema): Readonly<Record<string, Schema>> =>
  (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>

/** By JSON Schema and by shape.ts, which wrote them, these keywords hold lists of text. */
const namesOf = (keyword: unknown): readonly string[] => (keyword ?? []) as readonly string[]
