import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { ftruncateSync, mkdirSync, openSync, symlinkSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { RouteFile } from '@gatehouse/api-gateway/own-route.ts'
import { openLog } from '@gatehouse/observe/log.ts'
import { openMetrics } from '@gatehouse/observe/metrics.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { systemClock } from './clock.ts'
import { followRouteFile } from './follow-route-file.ts'
import { lifecycle } from './lifecycle.ts'

const routesTo = (...prefixes: readonly string[]): string =>
  JSON.stringify({ routes: prefixes.map((prefix) => ({ prefix, upstream: 'http://127.0.0.1:1' })) })

/** A followed file in a folder of its own, and what came of it. */
const followed = async (t: TestContext, put: (folder: string) => Promise<void>) => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-routes-'))
  await put(folder)
  const lines: string[] = []
  const log = openLog({
    level: 'info',
    format: 'json',
    secrets: [],
    clock: systemClock,
    destination: { write: (line) => void lines.push(line) },
  })
  const metrics = openMetrics({ service: 'test' })
  const life = lifecycle(log)
  const inForce: (readonly string[])[] = []
  const change = async ({ routes }: RouteFile): Promise<void> => void inForce.push(routes.map(({ prefix }) => prefix))
  followRouteFile(join(folder, 'routes.json'), { routes: [] }, change, { log, metrics, life })
  t.after(async () => {
    await life.stop()
    await rm(folder, { recursive: true })
  })
  return {
    stop: () => life.stop(),
    folder,
    path: join(folder, 'routes.json'),
    lines,
    inForce,
    metric: async (line: string): Promise<boolean> => (await metrics.text()).includes(line),
  }
}

const plainly = (folder: string): Promise<void> => writeFile(join(folder, 'routes.json'), '{}')

test('a file that is written in place is in force soon', async (t) => {
  const { path, inForce, lines } = await followed(t, plainly)
  await writeFile(path, routesTo('/a'))
  await waitFor(() => inForce.length === 1, { what: 'the first change' })
  await writeFile(path, routesTo('/b', '/c'))
  await waitFor(() => inForce.length === 2, { what: 'the second change' })
  assert.deepEqual(inForce, [['/a'], ['/b', '/c']])
  assert.match(lines.at(-1) ?? '', /"added":\["\/b","\/c"\],"removed":\["\/a"\]/)
})

test('a file that is replaced by a rename, as editors do, is in force soon', async (t) => {
  const { path, inForce } = await followed(t, plainly)
  for (const round of [1, 2]) {
    await writeFile(`${path}.new`, routesTo(`/a${round}`))
    await rename(`${path}.new`, path)
    await waitFor(() => inForce.length === round, { what: `change ${round}` })
  }
  assert.deepEqual(inForce, [['/a1'], ['/a2']])
})

test('a file behind links of which one is swapped, as in a ConfigMap, is in force soon', async (t) => {
  const version = async (folder: string, name: string, text: string): Promise<void> => {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'routes.json'), text)
    await symlink(name, join(folder, '..data_tmp'))
    await rename(join(folder, '..data_tmp'), join(folder, '..data'))
  }
  const { folder, inForce } = await followed(t, async (at) => {
    await version(at, '..1', '{}')
    await symlink(join('..data', 'routes.json'), join(at, 'routes.json'))
  })
  for (const round of [1, 2]) {
    await version(folder, `..${round + 1}`, routesTo(`/a${round}`))
    await rm(join(folder, `..${round}`), { recursive: true })
    await waitFor(() => inForce.length === round, { what: `change ${round}` })
  }
  assert.deepEqual(inForce, [['/a1'], ['/a2']])
})

test('a file with faults changes nothing, and all of them are told; mended it is in force', async (t) => {
  const { path, inForce, lines, metric } = await followed(t, plainly)
  await writeFile(path, 'routes:\n  - { prefix: a, upstream: b }\n')
  await waitFor(() => lines.length === 1, { what: 'word of the faults' })
  assert.match(lines[0] ?? '', /"level":"error".*routes\.json:2:15: .*routes\.json:2:28: /)
  assert.ok(await metric('route_file_faulty{service="test"} 1'))
  assert.ok(await metric('route_file_readings_total{service="test",outcome="refused"} 1'))
  assert.deepEqual(inForce, [])

  await rm(path)
  await waitFor(() => lines.length === 2, { what: 'word of the file that is gone' })
  assert.match(lines[1] ?? '', /cannot be read \(ENOENT\)/)
  assert.deepEqual(inForce, [])

  await writeFile(path, routesTo('/a'))
  await waitFor(() => inForce.length === 1, { what: 'the change' })
  assert.ok(await metric('route_file_faulty{service="test"} 0'))
  assert.ok(await metric('route_file_readings_total{service="test",outcome="changed"} 1'))
})

test('at SIGHUP the file is read at once; one that says the same changes nothing', async (t) => {
  const { path, inForce, metric } = await followed(t, plainly)
  process.kill(process.pid, 'SIGHUP')
  // One at the signal, and one for what was written while the following began.
  await waitFor(() => metric('route_file_readings_total{service="test",outcome="unchanged"} 2'), { what: 'a reading' })
  assert.deepEqual(inForce, [])
  await writeFile(path, routesTo('/a'))
  process.kill(process.pid, 'SIGHUP')
  await waitFor(() => inForce.length === 1, { what: 'the change' })
})

test('a pipe or a device in the place of the file changes nothing, and holds nobody up', async (t) => {
  const { path, lines, inForce, stop } = await followed(t, plainly)
  for (const [round, put] of [
    () => execFileSync('mkfifo', [path]),
    () => symlinkSync('/dev/zero', path),
    () => mkdirSync(path),
    () => ftruncateSync(openSync(path, 'w'), 5_000_000),
  ].entries()) {
    await rm(path, { recursive: true })
    put()
    process.kill(process.pid, 'SIGHUP')
    const told = (): boolean => lines.filter((line) => /is not a file|is larger than/.test(line)).length > round
    await waitFor(told, { what: 'word of it' })
  }
  assert.deepEqual(inForce, [])
  await stop()
})
