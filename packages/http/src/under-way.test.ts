import assert from 'node:assert/strict'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { underWayList } from './under-way.ts'

test('an answer is in the list until it is closed, in whatever order they close, also while somebody looks', () => {
  const list = underWayList()
  const answers = Array.from({ length: 6 }, () => new ServerResponse(new IncomingMessage(new Socket())))
  const left = new Set(answers)
  const close = (at: number): void => {
    const res = answers[at]
    assert.ok(res)
    res.emit('close')
    left.delete(res)
    const there = new Set<ServerResponse>()
    list.forEach((one) => there.add(one))
    assert.deepEqual([there, list.size()], [left, left.size])
  }
  for (const res of answers) list.add(res)
  // Inside, the newest, the oldest, one twice.
  for (const at of [2, 5, 0, 2]) close(at)
  list.forEach((res) => close(answers.indexOf(res)))
  assert.equal(list.size(), 0)
})
