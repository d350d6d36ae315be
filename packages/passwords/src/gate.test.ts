import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { problemOf } from '@gatehouse/contract/problem.ts'
import { Refusal } from '@gatehouse/contract/refusals.ts'
import { gate } from './gate.ts'

/** A turn of the event loop: whatever can go on without us has gone on. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Pieces of work that begin when the gate lets them and end when the test says so. */
const workshop = (limits: { permits: number; queueMax: number }) => {
  const atTheGate = gate(limits)
  const begun: string[] = []
  const ends = new Map<string, PromiseWithResolvers<string>>()
  return {
    begun,
    /** What a look at the gate says, in the words of `start`. */
    looks: (): string => {
      try {
        atTheGate.look()
        return 'a place'
      } catch (error) {
        return error instanceof Refusal ? error.code : String(error)
      }
    },
    end: (name: string) => ends.get(name)?.resolve(name),
    fail: (name: string) => ends.get(name)?.reject(new Error(name)),
    /** The answer, or the code of the refusal, or the message of the error. */
    start: (name: string): Promise<string> =>
      atTheGate
        .pass(() => {
          const end = Promise.withResolvers<string>()
          ends.set(name, end)
          begun.push(name)
          return end.promise
        })
        .catch((error: unknown) => (error instanceof Refusal ? error.code : String(error))),
  }
}

test('no more than the permits run, the queue waits in order, the rest is refused at once', async () => {
  const { begun, start, end } = workshop({ permits: 2, queueMax: 2 })
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(start)
  assert.equal(await start('e'), 'hashing-busy')
  assert.deepEqual(begun, ['a', 'b'])
  end('b')
  assert.equal(await b, 'b')
  assert.deepEqual(begun, ['a', 'b', 'c'])
  end('a')
  assert.equal(await a, 'a')
  assert.deepEqual(begun, ['a', 'b', 'c', 'd'])
  end('c')
  end('d')
  assert.deepEqual(await Promise.all([c, d]), ['c', 'd'])
})

test('a newcomer does not overtake the one who waits', async () => {
  const { begun, start, end } = workshop({ permits: 1, queueMax: 2 })
  const first = start('first')
  const waits = start('waits')
  await turn()
  end('first')
  const newcomers = first.then(() => start('newcomer'))
  await first
  await turn()
  assert.deepEqual(begun, ['first', 'waits'])
  end('waits')
  await waits
  await turn()
  end('newcomer')
  assert.equal(await newcomers, 'newcomer')
})

test('work that fails, at once or later, gives its permit back and harms no other', async () => {
  const { start, end, fail } = workshop({ permits: 1, queueMax: 1 })
  const failing = start('a')
  const waiting = start('b')
  await turn()
  fail('a')
  assert.equal(await failing, 'Error: a')
  await turn()
  end('b')
  assert.equal(await waiting, 'b')

  const atTheGate = gate({ permits: 1, queueMax: 0 })
  const throwing = (): Promise<string> => {
    throw new Error('before it began')
  }
  await assert.rejects(atTheGate.pass(throwing), /before it began/)
  assert.equal(await atTheGate.pass(() => Promise.resolve('next')), 'next')
})

test('a caller who stops waiting frees nothing: the permit belongs to the work', async () => {
  const { begun, start, end } = workshop({ permits: 1, queueMax: 0 })
  const left = Promise.race([start('left behind'), Promise.resolve('the caller is gone')])
  assert.equal(await left, 'the caller is gone')
  assert.equal(await start('next'), 'hashing-busy')
  end('left behind')
  await turn()
  void start('next')
  await turn()
  assert.deepEqual(begun, ['left behind', 'next'])
  end('next')
})

test('the refusal is a 503 that says when to come back', async () => {
  const busy = gate({ permits: 1, queueMax: 0 })
  const { promise, resolve } = Promise.withResolvers<void>()
  const running = busy.pass(() => promise)
  const refusal = await busy.pass(() => Promise.resolve()).catch((error: unknown) => error)
  assert.ok(refusal instanceof Refusal)
  const answer = problemOf(refusal, { speaker: 'service', requestId: 'r' })
  assert.equal(answer.status, 503)
  assert.equal(answer.headers['retry-after'], '1')
  resolve()
  await running
})

test('whatever comes and goes, the bounds hold, the order is the order of coming and no permit is lost', async () => {
  const move = fc.oneof(fc.constant('come'), fc.constant('end'), fc.constant('fail'))
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 3 }),
      fc.array(move, { maxLength: 60 }),
      async (permits, queueMax, moves) => {
        const shop = workshop({ permits, queueMax })
        const running: string[] = []
        const queued: string[] = []
        const expected: string[] = []
        const answers: Promise<void>[] = []
        for (const [index, what] of moves.entries()) {
          if (what === 'come') {
            const name = `w${index}`
            const fits = running.length < permits || queued.length < queueMax
            assert.equal(shop.looks(), fits ? 'a place' : 'hashing-busy')
            const answer = shop.start(name)
            if (running.length < permits) running.push(name)
            else if (fits) queued.push(name)
            if (fits && running.includes(name)) expected.push(name)
            answers.push(
              answer.then((said) =>
                assert.ok(fits ? said === name || said === `Error: ${name}` : said === 'hashing-busy'),
              ),
            )
          } else {
            const name = running.shift()
            if (name === undefined) continue
            if (what === 'end') shop.end(name)
            else shop.fail(name)
            const next = queued.shift()
            if (next !== undefined) expected.push(next)
            if (next !== undefined) running.push(next)
          }
          await turn()
          assert.deepEqual(shop.begun, expected)
        }
        for (const name of [...running, ...queued]) {
          shop.end(name)
          await turn()
        }
        await Promise.all(answers)
      },
    ),
    { numRuns: 100 },
  )
})
