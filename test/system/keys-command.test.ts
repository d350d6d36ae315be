import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { Tables } from '@gatehouse/auth-service/stores/tables.ts'
import { openDatabase } from '@gatehouse/sql/database.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { standing } from './expect.ts'
import { startOneProcess, type OneProcess } from './one-process.ts'
import { newMember, signIn } from './people.ts'
import { gatehouse } from './replica.ts'
import { partsOf } from './tokens.ts'

/** A process follows what the command has done within this time; the rest is for a machine that is busy just then. */
const followedMs = 30_000

describe('gatehouse keys', () => {
  let world: OneProcess
  before(async () => {
    world = await startOneProcess()
  })
  after(() => world.stop())

  type Said = { readonly code: number | null; readonly text: string }
  const keys = async (words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Said> => {
    const running = gatehouse(['keys', ...words], { DATA_DIR: world.dataDir, ...env })
    const { code } = await running.ended()
    return { code, text: running.output() }
  }
  const row = /^(\S{43}) {2}(current|next|retired) +made (\S+Z)(?:, signing since (\S+Z))?$/
  /** The keys as the list tells them, by what they are for. */
  const listed = async () => {
    const { code, text } = await keys(['list'])
    assert.equal(code, 0, text)
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => row.exec(line) ?? assert.fail(line))
    const of = (state: string) => rows.filter(([, , is]) => is === state).map(([, kid = '']) => kid)
    return { current: of('current'), next: of('next'), retired: of('retired'), rows }
  }

  test('lists a current key and a next one, and says since when the current one signs', async () => {
    const { current, next, retired, rows } = await listed()
    assert.deepEqual([current.length, next.length, retired.length], [1, 1, 0])
    for (const [, , state, , since] of rows) assert.equal(since !== undefined, state === 'current')
    assert.deepEqual((await keys([])).text, (await keys(['list'])).text)
  })

  const mistaken = [
    { words: ['turn'], says: /keys list, keys rotate, or keys remove KID/ },
    { words: ['list', 'more'], says: /keys list, keys rotate, or keys remove KID/ },
    { words: ['rotate', 'kid'], says: /keys list, keys rotate, or keys remove KID/ },
    { words: ['remove'], says: /keys list, keys rotate, or keys remove KID/ },
    { words: ['remove', 'one', 'two'], says: /keys list, keys rotate, or keys remove KID/ },
    { words: ['remove', 'unknown'], says: /unknown is not a retired key: rotate first/ },
    // The one that was made a moment ago: no other node can know it yet.
    { words: ['rotate'], says: /The next key is too new to be known everywhere: try again in \d+ seconds/ },
  ] as const
  test('what cannot be done changes nothing, says why in words, and ends with 1', async () => {
    const before = await listed()
    const all = await Promise.all(mistaken.map(async (row) => ({ ...row, ...(await keys(row.words)) })))
    for (const { says, code, text } of all) {
      assert.equal(code, 1, text)
      assert.match(text, says)
      assert.ok(!text.includes('    at '), text)
    }
    assert.deepEqual(await listed(), before)
  })

  test('neither the key that signs nor the next one can be removed', async () => {
    const before = await listed()
    for (const kid of [...before.current, ...before.next]) {
      const { code, text } = await keys(['remove', kid])
      assert.equal(code, 1)
      assert.match(text, /is not a retired key: rotate first, then remove the one that was current/)
    }
    assert.deepEqual(await listed(), before)
  })

  test('a key whose id begins with a dash is a key and no option', async () => {
    const { code, text } = await keys(['remove', `-${'a'.repeat(42)}`])
    assert.equal(code, 1)
    assert.match(text, /is not a retired key/)
  })

  const elsewhere = [
    ['where no auth-service has ever run', () => ({ DATA_DIR: `${world.dataDir}-of-nobody` }), /is not there yet/],
    [
      'where the database is away',
      () => ({ AUTH_DATABASE_URL: 'mysql://auth:hush-nobody@127.0.0.1:1/auth' }),
      /cannot be reached/,
    ],
  ] as const
  for (const [where, env, says] of elsewhere) {
    test(`${where}, that is said in words, and without a password`, async () => {
      for (const words of [['list'], ['rotate'], ['remove', 'kid']]) {
        const { code, text } = await keys(words, env())
        assert.equal(code, 1)
        assert.match(text, says)
        assert.ok(!text.includes('    at ') && !text.includes('hush'), text)
      }
    })
  }

  test('rotates while the process runs, not under another secret; the old key verifies until it is removed', async () => {
    const member = await newMember(world.gateway)
    const old = await signIn(world.gateway, member)
    const { current, next } = await listed()
    assert.equal(partsOf(old).header['kid'], current[0])
    await makeNextKeyOld(world)

    const other = await keys(['rotate'], { JWT_SECRET_KEY: randomBytes(32).toString('hex') })
    assert.equal(other.code, 1)
    assert.match(other.text, /JWT_SECRET_KEY is not the one that the keys were sealed under/)

    const rotated = await keys(['rotate'])
    assert.deepEqual(rotated, {
      code: 0,
      text: `${next[0]} signs from now on. ${current[0]} still verifies what it has signed.\n`,
    })
    const after = await listed()
    assert.deepEqual([after.current, after.retired, after.next.length], [next, current, 1])
    const signsAnew = async () => partsOf(await signIn(world.gateway, member)).header['kid'] === next[0]
    await waitFor(signsAnew, { what: 'the next key to sign', timeoutMs: followedMs })
    assert.equal(await standing(world.gateway, old, '/users/profile'), 'good')

    const removed = await keys(['remove', current[0] ?? ''])
    assert.deepEqual(removed, {
      code: 0,
      text: `${current[0]} is removed. What it has signed is refused everywhere within a minute.\n`,
    })
    const isRefused = async () => (await standing(world.gateway, old, '/users/profile')) === 'token-invalid'
    await waitFor(isRefused, { what: 'the old token to be refused', timeoutMs: followedMs })
    assert.deepEqual((await listed()).retired, [])
  })
})

/** As if a minute had passed: every node knows a key by then. */
const makeNextKeyOld = async ({ dataDir }: OneProcess): Promise<void> => {
  const database = await openDatabase<Tables>(`sqlite:///${dataDir}/auth.db`)
  try {
    const key = database.query.updateTable('signing_keys').set({ created_at: Date.now() - 120_000 })
    await key.where('place', '=', 'next').execute()
  } finally {
    await database.close()
  }
}
