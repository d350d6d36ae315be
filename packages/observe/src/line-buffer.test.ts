import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { limits } from './limits.ts'
import { lineBuffer } from './line-buffer.ts'

/** A file that takes `room` bytes, and then none until there is room again. */
const fileWith = (room: number) => {
  const file = { room, text: '', writes: 0 }
  const lost: number[] = []
  const buffer = lineBuffer({
    sink: (bytes) => {
      file.writes += 1
      const taken = Math.min(bytes.length, file.room)
      if (taken === 0) throw Object.assign(new Error('the pipe is full'), { code: 'EAGAIN' })
      file.room -= taken
      file.text += bytes.toString('utf8', 0, taken)
      return taken
    },
    recovered: (lines) => lost.push(lines),
  })
  return { file, buffer, lost }
}

test('lines are written together, in order, soon', async () => {
  const { file, buffer } = fileWith(Infinity)
  for (let n = 0; n < 100; n += 1) buffer.write(`${n}\n`)
  assert.equal(file.writes, 0)
  await waitFor(() => file.writes > 0, { what: 'the write' })
  assert.deepEqual([file.writes, file.text], [1, Array.from({ length: 100 }, (_, n) => `${n}\n`).join('')])
})

test('many lines do not wait for the time to be over', () => {
  const { file, buffer } = fileWith(Infinity)
  const line = `${'x'.repeat(99)}\n`
  for (let n = 0; n < 1_000; n += 1) buffer.write(line)
  assert.equal(file.writes, Math.floor(100_000 / limits.flushCharacters))
})

test('a reader that stalls costs lines over the bound, never memory, and is told how many once it takes them', () => {
  const { file, buffer, lost } = fileWith(1_000)
  const line = `${'ä'.repeat(999)}\n`
  const kept = Math.floor(limits.waitingCharactersMax / line.length)
  for (let n = 0; n < kept + 5_000; n += 1) buffer.write(line)
  assert.ok(buffer.waiting() <= 2 * limits.waitingCharactersMax)
  assert.ok(file.writes < 10, `${file.writes} vain attempts`)
  const dropped = buffer.dropped()
  assert.ok(dropped >= 4_000, `${dropped}`)
  assert.deepEqual(lost, [])
  file.room = Infinity
  buffer.flush()
  assert.deepEqual([lost, buffer.waiting()], [[dropped], 0])
  assert.equal(file.text, line.repeat(kept + 5_000 - dropped), 'what was kept is whole and in order')
  buffer.write('after\n')
  buffer.flush()
  assert.deepEqual([lost.length, file.text.endsWith('after\n')], [1, true])
})

test('a file that stalled is tried again without a new line', async () => {
  const { file, buffer } = fileWith(0)
  buffer.write('waits\n')
  buffer.flush()
  file.room = Infinity
  await waitFor(() => file.text === 'waits\n', { what: 'the line' })
})
