import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { startOneProcess, type OneProcess } from './one-process.ts'

describe('the route file of the one process', () => {
  let folder: string
  let path: string
  let world: OneProcess
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-route-file-'))
    path = join(folder, 'routes.json')
    await put('/kept')
    world = await startOneProcess({ settings: { GATEWAY_ROUTES: path } })
    await put('/kept')
  })
  after(async () => {
    await world.stop()
    await rm(folder, { recursive: true, force: true })
  })

  /** Replaces the file as an editor does. The first time there is no service yet that a route could lead to. */
  const put = async (...prefixes: readonly string[]): Promise<void> => {
    const upstream = (world as OneProcess | undefined)?.ownService.origin ?? 'http://127.0.0.1:1'
    await replaceBy(JSON.stringify({ routes: prefixes.map((prefix) => ({ prefix, upstream, access: 'public' })) }))
  }

  const replaceBy = async (text: string): Promise<void> => {
    await writeFile(`${path}.new`, text)
    await rename(`${path}.new`, path)
  }

  const statusOf = async (asked: string): Promise<number> => (await world.gateway.get(asked)).status
  const metric = async (line: string): Promise<boolean> =>
    (await world.replica.admin.get('/metrics')).text.includes(line)

  test('changes hold without a restart, by looking and at SIGHUP, and no request fails for one', async (t) => {
    await waitFor(async () => (await statusOf('/kept/echo')) === 200, { what: 'the first change' })
    const statuses: number[] = []
    const state = { isOver: false }
    const asking = (async () => {
      while (!state.isOver) statuses.push(await statusOf('/kept/echo'))
    })()
    try {
      for (const round of [1, 2, 3]) {
        await put('/kept', `/new-${round}`)
        if (round > 1) process.kill(world.replica.process().pid, 'SIGHUP')
        await waitFor(async () => (await statusOf(`/new-${round}/echo`)) === 200, { what: `change ${round}` })
        assert.equal(await statusOf(`/new-${round - 1}/echo`), 404)
      }
    } finally {
      state.isOver = true
      await asking
    }
    t.diagnostic(`${statuses.length} requests`)
    assert.deepEqual(
      statuses.filter((status) => status !== 200),
      [],
    )
  })

  test('a file with faults changes nothing, and is told of in the log and the metrics', async () => {
    await replaceBy('routes:\n  - { prefix: /auth, upstream: nowhere }\n')
    await waitFor(() => metric('route_file_faulty{service="all"} 1'), { what: 'word of the faults' })
    const told = /routes\.json:2:15: the prefix \/auth would hide the built-in \/auth/
    await waitFor(() => told.test(world.logs()), { what: 'the log to tell of them' })
    assert.equal(await statusOf('/kept/echo'), 200)
    await put('/kept')
    await waitFor(() => metric('route_file_faulty{service="all"} 0'), { what: 'the mended file' })
  })
})
