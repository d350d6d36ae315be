import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { hubOf } from './testing/hub-under-test.ts'
import type { OpenTransaction } from './testing/simulated-log.ts'

type Step =
  | 'begin'
  | 'commit'
  | 'commit-there'
  | 'rollback'
  | 'follow'
  | 'in-force'
  | 'return'
  | 'stutter'
  | 'away'
  | 'turn'
const step = fc.constantFrom<Step[]>(
  ...([
    'begin',
    'begin',
    'commit',
    'commit',
    'commit-there',
    'rollback',
    'follow',
    'in-force',
    'return',
    'stutter',
    'away',
    'turn',
    'turn',
  ] as const),
)

test('whoever follows, from wherever, whenever, and returns at its resume, has every event', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const { hub, log, bell } = hubOf(undefined, { pollMs: 1, pageRows: 3 })
      const broken: string[] = []
      const starting = hub.start()
      const open: OpenTransaction[] = []
      const all: {
        readonly seen: Set<number>
        readonly from: number
        resume: number
        stutters: number
        unfollow: () => void
      }[] = []
      const follow = (from: number | 'in-force'): void => {
        const one = {
          seen: new Set<number>(),
          from: from === 'in-force' ? 0 : from,
          resume: 0,
          stutters: 0,
          unfollow: () => {},
        }
        all.push(one)
        begin(one, from)
      }
      const begin = (one: (typeof all)[number], from: number | 'in-force'): void => {
        one.unfollow = hub.follow(from, (line) => {
          if (one.stutters > 0) {
            one.stutters -= 1
            throw new Error('stutter')
          }
          const seq = line.event?.seq
          if (seq !== undefined) {
            if (!one.seen.has(seq) && seq <= one.resume && seq > one.from)
              broken.push(`${seq} came after resume ${one.resume}`)
            one.seen.add(seq)
          }
          one.resume = Math.max(one.resume, line.resume)
        })
      }
      for (const name of steps) {
        const last = all.at(-1)
        if (name === 'begin') open.push(log.begin())
        else if (name === 'rollback') open.shift()
        else if (name === 'commit' || name === 'commit-there') {
          const event = open.splice(open.length >> 1, 1)[0]?.commit()
          if (event !== undefined && name === 'commit') hub.committed([event])
        } else if (name === 'follow') follow(log.rows()[log.rows().length >> 1]?.seq ?? 0)
        else if (name === 'in-force') follow('in-force')
        else if (name === 'return' && last !== undefined) {
          last.unfollow()
          begin(last, Math.max(last.from, last.resume))
        } else if (name === 'stutter' && last !== undefined) last.stutters = 2
        else if (name === 'away') {
          log.setAway(true)
          await new Promise(setImmediate)
          log.setAway(false)
        } else await new Promise(setImmediate)
      }
      await starting
      const whole = log.rows().map(({ seq }) => seq)
      try {
        bell.ring()
        await waitFor(() => all.every(({ seen, from }) => whole.every((seq) => seq <= from || seen.has(seq))), {
          what: 'every event at every follower',
          timeoutMs: 5000,
        })
        deepEqual(broken, [])
      } finally {
        await hub.stop()
      }
    }),
    { numRuns: 150 },
  )
})
