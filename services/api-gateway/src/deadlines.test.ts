import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { deadlinesOf, type Timed } from './deadlines.ts'

const timed = (name: string, expired: string[]): Timed => ({
  dueAt: 0,
  earlier: undefined,
  later: undefined,
  expire: () => expired.push(name),
})

test('each expires at its own time, in whatever order others are over', () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    let now = 0
    const move = (ms: number): void => {
      now += ms
      mock.timers.tick(ms)
    }
    const expired: string[] = []
    const deadlines = deadlinesOf(100, () => now)
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => timed(name, expired))
    assert.ok(a !== undefined && b !== undefined && c !== undefined && d !== undefined)
    deadlines.add(a, now)
    move(30)
    deadlines.add(b, now)
    move(30)
    deadlines.add(c, now)
    deadlines.remove(b)
    deadlines.remove(b)
    move(39)
    assert.deepEqual(expired, [])
    move(1)
    assert.deepEqual(expired, ['a'])
    deadlines.add(d, now)
    move(59)
    assert.deepEqual(expired, ['a'])
    move(1)
    assert.deepEqual(expired, ['a', 'c'])
    deadlines.remove(d)
    deadlines.remove(a)
    move(1_000)
    deadlines.add(b, now)
    move(100)
    assert.deepEqual(expired, ['a', 'c', 'b'])
  } finally {
    mock.timers.reset()
  }
})
