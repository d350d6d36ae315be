import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { test } from 'node:test'
import { yieldHashing } from './yield-hashing.ts'

const priorities = (isPool: boolean): readonly number[] =>
  readdirSync('/proc/self/task')
    .filter((id) => (readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim() === 'libuv-worker') === isPool)
    .map((id) => getPriority(Number(id)))

test('the threads that hash go behind all others, and the others stay where they are', async () => {
  const before = new Set(priorities(false))
  assert.equal(await yieldHashing(7), 4)
  assert.deepEqual(priorities(true), [7, 7, 7, 7])
  assert.deepEqual(new Set(priorities(false)), before)
})
