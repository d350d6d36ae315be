import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gatheredReads } from './gathered-reads.ts'

type Row = { readonly id: string; readonly version: number }

/** The rest of this turn of the event loop, in which what was gathered leaves. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** A table whose answers wait until they are let go, each with the rows of the moment when its statement left. */
const slowTable = (keysMax = 64) => {
  const table = new Map<string, number>()
  const statements: (readonly string[])[] = []
  const waiting: (() => void)[] = []
  const read = gatheredReads<Row>({
    keyOf: ({ id }) => id,
    keysMax,
    readRows: async (keys) => {
      statements.push(keys)
      const rows = keys.flatMap((id) => {
        const version = table.get(id)
        return version === undefined ? [] : [{ id, version }]
      })
      await new Promise<void>((go) => waiting.push(go))
      return rows
    },
  })
  return { table, statements, read, letGo: () => waiting.splice(0).forEach((go) => go()) }
}

test('what is asked for in one turn goes in one statement, each key once', async () => {
  const { table, statements, read, letGo } = slowTable()
  table.set('a', 1).set('b', 2)
  const reads = Promise.all([read('a'), read('nobody'), read('b'), read('a')])
  await turn()
  letGo()
  assert.deepEqual(await reads, [{ id: 'a', version: 1 }, undefined, { id: 'b', version: 2 }, { id: 'a', version: 1 }])
  assert.deepEqual(statements, [['a', 'nobody', 'b']])
})

test('a statement that has left is never joined: what was written meanwhile is read', async () => {
  const { table, statements, read, letGo } = slowTable()
  table.set('a', 1)
  const before = read('a')
  await turn()
  // Acknowledged, by whatever replica, while the first statement is still on its way.
  table.set('a', 2)
  const after = read('a')
  await turn()
  letGo()
  assert.deepEqual([(await before)?.version, (await after)?.version], [1, 2])
  assert.equal(statements.length, 2)
})

test('more keys than fit go in several statements', async () => {
  const { statements, read, letGo } = slowTable(2)
  const reads = Promise.all(['a', 'b', 'c', 'd', 'e'].map(read))
  await turn()
  letGo()
  assert.deepEqual(await reads, [undefined, undefined, undefined, undefined, undefined])
  assert.deepEqual(statements, [['a', 'b'], ['c', 'd'], ['e']])
})

test('a failure is told to all who asked, and the next read is tried anew', async () => {
  let failures = 1
  const read = gatheredReads<Row>({
    keyOf: ({ id }) => id,
    keysMax: 64,
    readRows: async (keys) => {
      failures -= 1
      if (failures >= 0) throw new Error('away')
      return keys.map((id) => ({ id, version: 1 }))
    },
  })
  const told = await Promise.allSettled([read('a'), read('a'), read('b')])
  assert.deepEqual(
    told.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
  assert.deepEqual(await read('a'), { id: 'a', version: 1 })
})

test('a row that the database found under another key is given to nobody', async () => {
  const read = gatheredReads<Row>({
    keyOf: ({ id }) => id,
    keysMax: 64,
    // As a collation that takes no notice of case would.
    readRows: async () => [{ id: 'a', version: 1 }],
  })
  assert.deepEqual(await Promise.all([read('A'), read('a')]), [undefined, { id: 'a', version: 1 }])
})
