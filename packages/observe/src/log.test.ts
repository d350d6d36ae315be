import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLog } from './log.ts'

const opened = (format: 'json' | 'pretty' = 'json') => {
  const lines: string[] = []
  const log = openLog({
    level: 'info',
    format,
    secrets: ['password', 'token'],
    clock: { now: Date.now },
    destination: { write: (line) => lines.push(line) },
  })
  return { log, lines }
}

const last = (lines: readonly string[]) => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>

const hidden = 'hunter2-in-plain-sight'

for (const [where, event] of [
  ['at the top', { password: hidden }],
  ['one level down', { body: { password: hidden } }],
  ['three levels down', { a: { b: { c: { token: hidden } } } }],
  ['six levels down', { a: { b: { c: { d: { e: { f: { token: hidden } } } } } } }],
  ['in another case', { body: { Password: hidden, TOKEN: hidden } }],
  ['in a list', { bodies: [{ password: hidden }] }],
  ['in headers', { headers: { authorization: `Bearer ${hidden}`, Cookie: `sid=${hidden}`, 'set-cookie': [hidden] } }],
  ['in flat headers', { rawHeaders: ['Host', 'x', 'Authorization', `Bearer ${hidden}`, 'Cookie', hidden] }],
  ['on an error', { err: Object.assign(new Error('refused'), { password: hidden }) }],
  [
    'on the cause of an error',
    { err: new Error('outer', { cause: Object.assign(new Error('inner'), { token: hidden }) }) },
  ],
  ['as an object', { password: { typed: hidden } }],
] as const) {
  test(`a secret ${where} is never written`, () => {
    const { log, lines } = opened()
    log.info(event, 'tried')
    assert.equal(lines.length, 1)
    assert.ok(!lines.join().includes(hidden), lines.join())
  })
}

test('an event arrives with its level, its time and its message, and with nothing of the machine', () => {
  const { log, lines } = opened()
  log.warn({ route: '/auth', status: 503, tries: [1, 2] }, 'answered')
  const { time, ...rest } = last(lines)
  assert.match(String(time), /^\d{4}-\d\d-\d\dT/)
  assert.deepEqual(rest, { level: 'warn', route: '/auth', status: 503, tries: [1, 2], msg: 'answered' })
})

test('an error is written whole: type, message, stack, code and every cause', () => {
  const { log, lines } = opened()
  const cause = Object.assign(new RangeError('the disk is full'), { code: 'ENOSPC' })
  log.error({ err: new Error('could not write', { cause }) }, 'failed')
  const { err } = last(lines) as { err: Record<string, unknown> & { cause: Record<string, unknown> } }
  assert.equal(err['message'], 'could not write')
  assert.match(String(err['stack']), /log\.test\.ts/)
  assert.deepEqual([err.cause['type'], err.cause['code']], ['RangeError', 'ENOSPC'])
})

test('an event that goes in circles, or holds half the process, is written all the same, short', () => {
  const { log, lines } = opened()
  const circle: Record<string, unknown> = {}
  for (const name of 'abcdefgh') circle[name] = circle
  log.info({ circle }, 'round')
  assert.ok((lines[0] ?? '').length < 20_000)
})

test('a member called __proto__ is written as a member', () => {
  const { log, lines } = opened()
  log.info(JSON.parse('{"__proto__":{"status":1}}') as object, 'odd')
  assert.ok((lines[0] ?? '').includes('"__proto__":{"status":1}'))
})

test('what is below the level is not written', () => {
  const { log, lines } = opened()
  log.debug({}, 'too much')
  assert.deepEqual(lines, [])
})

test('the form for people has the words and hides the same', () => {
  const { log, lines } = opened('pretty')
  log.info({ route: '/users', password: hidden }, 'answered')
  assert.match(lines.join(), /answered/)
  assert.match(lines.join(), /\/users/)
  assert.ok(!lines.join().includes(hidden))
})
