import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'

/** Runs a process with a log, whose standard output is a pipe to us, and its standard error what it tells of itself. */
const run = (body: string) => {
  const log = `const { openLog } = await import(${JSON.stringify(new URL('log.ts', import.meta.url).href)})
  const log = openLog({ level: 'info', format: 'json', secrets: [], clock: { now: Date.now } })`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', `${log}\n${body}`], { timeout: 20_000 })
  return { child, ended: once(child, 'exit') }
}

for (const [how, body, code] of [
  ['ends by itself', '', 0],
  ['is told to end', 'process.exit(3)', 3],
  ['dies of a fault', "throw new Error('a bug')", 1],
] as const) {
  test(`the last line is written when the process ${how}`, async () => {
    const { child, ended } = run(`log.info({}, 'first'); log.info({}, 'last');\n${body}`)
    const out = await text(child.stdout)
    assert.deepEqual(
      out.split('\n').map((line) => /"msg":"(\w+)"/.exec(line)?.[1]),
      ['first', 'last', undefined],
    )
    assert.equal((await ended)[0], code)
  })
}

test('a reader that takes nothing stops neither the process nor its end', async () => {
  const { child, ended } = run(`
    for (let n = 0; n < 20_000; n += 1) log.info({ n, filler: 'x'.repeat(300) }, 'much')
    setTimeout(() => process.stderr.write('lost ' + (log.linesDropped() > 0)), 300)
    process.stdin.once('data', () => process.exit(0))`)
  child.stdout.pause()
  let told = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (told += chunk))
  await waitFor(() => told !== '', { what: 'a timer of the process' })
  assert.equal(told, 'lost true')
  child.stdin.write('end')
  assert.equal((await ended)[0], 0)
})

test('a reader that is gone stops nothing', async () => {
  const { child, ended } = run(`
    process.stdin.once('data', () => {
      for (let n = 0; n < 1_000; n += 1) log.warn({ n, filler: 'x'.repeat(300) }, 'to nobody')
      setTimeout(() => process.exit(7), 300)
    })`)
  child.stdout.destroy()
  await once(child.stdout, 'close')
  child.stdin.write('go')
  assert.equal((await ended)[0], 7)
})

test('a warning is not kept back', async () => {
  const { child, ended } = run(
    "log.info({}, 'before'); log.warn({}, 'now'); process.stdin.once('data', () => process.exit(0))",
  )
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
  await waitFor(() => out.includes('"now"'), { what: 'the warning' })
  assert.ok(out.indexOf('"before"') < out.indexOf('"now"'))
  child.stdin.write('end')
  await ended
})
