import assert from 'node:assert/strict'
import { test } from 'node:test'
import { behindTheTurn } from './behind-the-turn.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('what is given in one turn is done behind it, once and in its order', async () => {
  const done: number[] = []
  const give = behindTheTurn((thing: number) => void done.push(thing))
  for (const thing of [1, 2, 3]) give(thing)
  await Promise.resolve()
  assert.deepEqual(done, [])
  await turn()
  assert.deepEqual(done, [1, 2, 3])
  await turn()
  give(4)
  await turn()
  assert.deepEqual(done, [1, 2, 3, 4])
})

test('of many the first do not wait for the last', async () => {
  let done = 0
  const give = behindTheTurn(() => (done += 1))
  for (let thing = 0; thing < 100; thing += 1) give(thing)
  assert.ok(done >= 64, `${done}`)
  await turn()
  assert.equal(done, 100)
})

test('what is given while it is done is done in the next turn', async () => {
  const done: number[] = []
  const give = behindTheTurn((thing: number) => {
    done.push(thing)
    if (thing < 3) give(thing + 1)
  })
  give(1)
  await turn()
  assert.deepEqual(done, [1])
  await turn()
  await turn()
  assert.deepEqual(done, [1, 2, 3])
})
