import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { startOneProcess, type OneProcess } from './one-process.ts'
import { startSecure } from './secure.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** A part of the operators' manual. */
const section = (heading: string): string => read('docs/operating.md').split(heading)[1]?.split('\n## ')[0] ?? ''

/** The names of metrics in an expression: words that are not functions, labels, strings or ranges. */
const namesIn = (expression: string): readonly string[] =>
  expression
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]|"[^"]*"|\b(?:by|on|without)\s*\([^)]*\)/g, ' ')
    .match(/\b[a-z]+(?:_[a-z\d]+)+\b(?!\s*\()/g) ?? []

const expressions = (): readonly string[] => [
  ...Array.from(read('deploy/observability/alerts.yml').matchAll(/expr: (?:>-\n((?: {10}.*\n)+)|(.*))/g), (match) =>
    (match[1] ?? match[2] ?? '').replaceAll('\n', ' '),
  ),
  ...Array.from(read('deploy/observability/dashboard.json').matchAll(/"expr": (".*")/g), (match) =>
    String(JSON.parse(match[1] ?? '""')),
  ),
]

describe('what operators are given to look at', () => {
  let world: OneProcess
  before(async () => {
    // A collector that is away: its metrics are there all the same.
    world = await startOneProcess({
      settings: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}` },
    })
    // One answer of each kind: by a service here, by one across the network, by one that is away, and by nobody.
    for (const path of ['/users/profile', '/own/x', '/gone/x', '/nowhere']) await world.gateway.get(path)
  })
  after(() => world.stop())

  test('every metric in the dashboard, the alerts and the manual is one that a process tells', async () => {
    const secure = await startSecure()
    const pages = [world, secure].map(async ({ replica }) => (await replica.admin.get('/metrics')).text)
    const known = new Set((await Promise.all(pages)).join('\n').match(/^[a-z_\d]+/gm))
    await secure.stop()
    const manual = section('## Probes and metrics').match(/^\| `[a-z]+_[a-z_]+[`{].*$/gm) ?? []
    const named = [
      ...expressions().flatMap(namesIn),
      ...manual.flatMap((row) => (row.split('|')[1] ?? '').match(/(?<=`)[a-z_\d]+(?=[`{])/g) ?? []),
    ].filter((name) =>
      /_(?:seconds|total|bytes|info|flight|connections|faulty|count|bucket|origins|out|open)/.test(name),
    )
    assert.ok(named.length > 20, `${named.length} names`)
    const isKnown = (name: string): boolean => known.has(name) || known.has(`${name}_count`)
    assert.deepEqual(
      named.filter((name) => !isKnown(name)),
      [],
    )
  })

  test('what only a service of this process knows is in the line of the gateway', async () => {
    await world.gateway.post('/auth/login', {})
    for (const [path, operation] of [
      // Without the framework, and with it.
      ['/users/profile', 'getProfile'],
      ['/auth/login', 'login'],
    ]) {
      await waitFor(() => world.logs().includes(`"path":"${path}"`), { what: `the access line of ${path}` })
      const line = world
        .logs()
        .split('\n')
        .find((line) => line.includes(`"path":"${path}"`))
      assert.match(line ?? '', new RegExp(`"operation":"${operation}"`))
    }
  })

  test('the manual lists the fields of the access line, all of them, in their order', async () => {
    const rows = section('## The log')
    const listed = [...rows.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) => cell.match(/(?<=`)\w+(?=`)/g) ?? [])
    await waitFor(() => world.logs().includes('"path":"/own/x"'), { what: 'the access line' })
    const lines = world
      .logs()
      .split('\n')
      .filter((line) => line.includes('"msg":"answered"'))
    for (const line of lines) {
      const fields = Object.keys(JSON.parse(line) as object)
      assert.deepEqual(
        fields,
        listed.filter((field) => fields.includes(field)),
        line,
      )
    }
    const proxied = lines.find((line) => line.includes('"path":"/own/x"')) ?? '{}'
    for (const field of ['trace_id', 'upstream', 'upstream_ms', 'queue_ms', 'tries', 'bytes_out']) {
      assert.ok(field in (JSON.parse(proxied) as object), `${field} of ${proxied}`)
    }
  })
})
