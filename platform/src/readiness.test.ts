import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readiness } from './readiness.ts'

test('a process is ready between its opening and its end, as long as every check says nothing', async () => {
  const parts = readiness()
  let ill: string | undefined
  parts.check('log', () => ill)
  parts.check('database', () => Promise.resolve(ill))
  const all = (process: string, check: string) => ({ process, log: check, database: check })

  assert.deepEqual(await parts.ask(), { ready: false, checks: all('starting', 'ok') })
  parts.open()
  assert.deepEqual(await parts.ask(), { ready: true, checks: all('ok', 'ok') })
  ill = 'behind'
  assert.deepEqual(await parts.ask(), { ready: false, checks: all('ok', 'behind') })
  ill = undefined
  parts.shut()
  parts.open()
  assert.deepEqual(await parts.ask(), { ready: false, checks: all('stopping', 'ok') })
})

test('a check that throws says why, and one that hangs is not waited for', async () => {
  const parts = readiness(20)
  parts.open()
  parts.check('database', () => Promise.reject(new Error('away')))
  parts.check('disk', () => new Promise(() => {}))
  assert.deepEqual(await parts.ask(), {
    ready: false,
    checks: { process: 'ok', database: 'away', disk: 'no answer in 20 ms' },
  })
})
