import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { breakerOf, type Breaker } from './breaker.ts'

let now: number
let breaker: Breaker
beforeEach(() => {
  now = 0
  breaker = breakerOf({ failures: 3, lastingMs: 0, openMs: 100, openMsMax: 400, forgetMs: 1_000 }, () => now)
})

const fail = (times: number): void => {
  for (let time = 0; time < times; time += 1) breaker.failed()
}

test('it opens at the limit of failures in a row, and an answer between them starts the count again', () => {
  fail(2)
  breaker.succeeded()
  fail(2)
  assert.equal(breaker.isOpen(), false)
  fail(1)
  assert.equal(breaker.isOpen(), true)
})

test('as many failures in an instant are one event, and open it only when they go on', () => {
  breaker = breakerOf({ failures: 3, lastingMs: 50, openMs: 100, openMsMax: 400, forgetMs: 1_000 }, () => now)
  fail(1_000)
  now = 49
  fail(1)
  assert.equal(breaker.isOpen(), false)
  now = 50
  fail(1)
  assert.equal(breaker.isOpen(), true)
})

test('while it is open one request goes in each interval, whatever becomes of it', () => {
  fail(3)
  now = 40
  assert.equal(breaker.remainingMs(), 60)
  now = 100
  assert.equal(breaker.remainingMs(), 0)
  breaker.tried()
  assert.equal(breaker.remainingMs(), 100)
  now = 200
  assert.equal(breaker.remainingMs(), 0)
})

test('failed trials double the interval up to its limit, failures of what was under way before do not', () => {
  fail(50)
  assert.equal(breaker.remainingMs(), 100)
  for (const expected of [200, 400, 400]) {
    now += 1_000
    breaker.tried()
    fail(10)
    assert.equal(breaker.remainingMs(), expected)
  }
})

test('a trial that succeeds closes it; soon after that it opens for longer, later as if for the first time', () => {
  fail(3)
  now = 100
  breaker.tried()
  breaker.succeeded()
  assert.deepEqual([breaker.isOpen(), breaker.remainingMs()], [false, 0])
  now = 500
  fail(3)
  assert.equal(breaker.remainingMs(), 200)
  now = 700
  breaker.tried()
  breaker.succeeded()
  now = 1_700
  fail(3)
  assert.equal(breaker.remainingMs(), 100)
})

test('a trial that failed cheaply does not make the next one wait for longer', () => {
  fail(3)
  for (let trial = 1; trial <= 5; trial += 1) {
    now = trial * 100
    breaker.tried()
    breaker.failed(true)
    assert.equal(breaker.remainingMs(), 100)
  }
})
