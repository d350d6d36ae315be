import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rowEach } from './row-each.ts'
import type { Started } from './scenario.ts'

const running = (name: string): Started => ({
  system: { name, port: 0, processes: {}, stop: async () => {}, prepare: async () => [] },
  idleMegabytes: {},
})

test('every system has a row: figures, or why there are none; only what went wrong is a failure', async () => {
  const all = [running('well'), running('without'), running('broken'), { name: 'gone', absent: 'no such program' }]
  const table = await rowEach(all, ['contender', 'one', 'two'], async ({ system: { name } }) => {
    if (name === 'without') return { absent: 'it has no profiles' }
    if (name === 'broken') throw new Error('it hung up')
    return ['1', '2']
  })
  assert.deepEqual(table, {
    head: ['contender', 'one', 'two'],
    rows: [
      ['well', '1', '2'],
      ['without', 'absent: it has no profiles', ''],
      ['broken', 'ERROR: it hung up', ''],
      ['gone', 'absent: no such program', ''],
    ],
    failures: ['broken: it hung up'],
  })
})
