import { routeFileSchema } from '@gatehouse/api-gateway/route-file-schema.ts'
import { authOperations } from '@gatehouse/contract/auth.ts'
import { gatewayOperations } from '@gatehouse/contract/gateway.ts'
import { openApi, refusalsOf } from '@gatehouse/contract/openapi.ts'
import type { Operations } from '@gatehouse/contract/operation.ts'
import { commonRefusals, refusals, type RefusalCode } from '@gatehouse/contract/refusals.ts'
import { userOperations } from '@gatehouse/contract/users.ts'
import { settingsTable } from '@gatehouse/platform/settings.ts'
import { routeFilePage } from './route-file-page.ts'
import type { Facts } from './rule.ts'

/** The three contracts by service. */
export const contracts: Readonly<Record<string, Operations>> = {
  'api-gateway': gatewayOperations,
  'auth-service': authOperations,
  'user-service': userOperations,
}

/** What writes the pages again. */
export const writeCommand = './gatehouse node test/tidy/write-pages.ts'

/** The pages that say what the contract and the settings say, by path: each made anew from the one there is. */
export const pagesOf = (version: string): Facts['pages'] => ({
  'docs/errors.md': errorsPage,
  'docs/operating.md': operatingPage,
  'docs/route-file.md': () => routeFilePage(writeCommand),
  'docs/route-file.schema.json': () => `${JSON.stringify(routeFileSchema, null, 2)}\n`,
  ...Object.fromEntries(
    Object.entries(contracts).map(([service, operations]) => [
      `docs/openapi/${service}.json`,
      () => `${JSON.stringify(openApi(service, version, operations), null, 2)}\n`,
    ]),
  ),
})

const errorsPage = (): string => `<!-- Made from contract/src/refusals.ts by: ${writeCommand} -->
# Errors

Every error is \`application/problem+json\` (RFC 9457). Switch on \`code\`: it is stable. \`title\` is for people, and
is repeated as \`message\` by a service and as \`error\` by the gateway. \`request_id\` is in the log too; \`errors\`
names the members of a refused body.

\`\`\`json
{
  "type": "urn:gatehouse:problem:invalid-request",
  "title": "${refusals['invalid-request'].title}",
  "status": ${refusals['invalid-request'].status},
  "code": "invalid-request",
  "errors": [{ "path": "/email", "message": "is required" }],
  "request_id": "019a3b1c-7e1d-7c3a-9d0e-5b8f6a2c4d1e",
  "message": "${refusals['invalid-request'].title}"
}
\`\`\`

${refusalsTable()}

A 503 was not executed: with \`Retry-After\` the same request may be sent again. After a 502 or a 504 nobody knows
whether it was.
`

const refusalsTable = (): string => {
  const rows = Object.entries(refusals).toSorted(([, a], [, b]) => a.status - b.status)
  return table(
    ['status', code('code'), 'title', 'when', 'answered to'],
    // Every key of the table is a code: that is its type.
    rows.map(([name, { status, title, when }]) => [`${status}`, code(name), title, when, askers(name as RefusalCode)]),
  )
}

/** The operations that answer it. What no service names is said on the way there, by the gateway or the server. */
const askers = (refusal: RefusalCode): string => {
  const rows = (['auth-service', 'user-service'] as const).flatMap((service) =>
    Object.values(contracts[service] ?? {})
      .filter((operation) => refusalsOf(operation).includes(refusal))
      .map(({ method, path }) => `${path === '/health' ? `${service} ` : ''}${code(`${method} ${path}`)}`),
  )
  return rows.length === 0 || commonRefusals.includes(refusal) ? 'any request' : rows.join(' · ')
}

const marks = {
  begin: `<!-- settings: made from platform/src/settings.ts by: ${writeCommand} -->`,
  end: '<!-- /settings -->',
}

/** The page as it is, with the table between its marks made anew; a page without marks gets them at its end. */
const operatingPage = (present = '# Operating Gatehouse\n\n## Settings\n'): string => {
  const [begin, end] = [present.indexOf(marks.begin), present.indexOf(marks.end)]
  if (begin === -1 && end === -1) return `${present}\n${marks.begin}\n\n${settingsList()}\n\n${marks.end}\n`
  if (end < begin || begin === -1) throw new Error('docs/operating.md has lost one of the marks around its settings')
  return `${present.slice(0, begin)}${marks.begin}\n\n${settingsList()}\n\n${present.slice(end)}`
}

const settingsList = (): string =>
  table(
    ['name', 'default', 'meaning'],
    Object.entries(settingsTable).map(([name, { otherwise, meaning }]) => [
      code(name),
      otherwise === undefined ? '' : code(shown(otherwise)),
      meaning,
    ]),
  )

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')

const shown = (otherwise: { readonly toString: () => string }): string => otherwise.toString()

const code = (text: string): string => `\`${text}\``
