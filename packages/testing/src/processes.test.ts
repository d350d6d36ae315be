import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { freePort } from './free-port.ts'
import { spawnNode } from './processes.ts'
import { waitFor } from './wait-for.ts'

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const serving = (port: number): readonly string[] => [
  '-e',
  `const server = require('node:http').createServer((req, res) => res.writeHead(204).end())
   server.listen(${port}, '127.0.0.1', () => console.log('listening on', ${port}))
   process.on('SIGTERM', () => { console.log('bye'); process.exit(7) })`,
]

test('a line, a URL, an orderly end and the last words are seen', async () => {
  const port = await freePort()
  const child = spawnNode(serving(port))
  await child.waitForUrl(`http://127.0.0.1:${port}/`, { status: 204 })
  assert.equal((await child.waitForLine(/listening on (\d+)/))[1], String(port))
  assert.deepEqual(await child.stop(), { code: 7, signal: null })
  assert.match(child.output(), /bye\n$/)
  assert.ok(child.hasEnded())
})

test('the environment is the one given, not that of the test', async () => {
  const child = spawnNode(['-p', 'JSON.stringify(Object.keys(process.env).sort())'], { GIVEN: '1' })
  await child.waitForLine(/\["GIVEN","PATH"\]/)
})

test('a process that ends too early is a failure at once, with what it said', async () => {
  const child = spawnNode(['-e', 'console.error("no such setting"); process.exit(3)'])
  await assert.rejects(child.waitForLine(/ready/), /ended before.*no such setting/s)
  await assert.rejects(child.waitForUrl('http://127.0.0.1:9/'), /ended before/)
})

test('a paused process takes connections and answers nothing, until it is resumed or killed', async () => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  const child = spawnNode(serving(port))
  await child.waitForUrl(url)
  child.pause()
  await assert.rejects(fetch(url, { signal: AbortSignal.timeout(200) }), { name: 'TimeoutError' })
  child.resume()
  assert.equal((await fetch(url)).status, 204)
  child.pause()
  assert.deepEqual(await child.kill(), { code: null, signal: 'SIGKILL' })
})

test('children end with a test process that is killed, whatever it had no time to do', async () => {
  const script = `
    const { spawnNode } = await import('${import.meta.dirname}/processes.ts')
    const child = spawnNode(['-e', 'setInterval(() => {}, 1000)'])
    console.log('child', child.pid)
    setInterval(() => {}, 1000)`
  const parent = spawnNode(['--input-type=module', '-e', script])
  const pid = Number((await parent.waitForLine(/child (\d+)/))[1])
  assert.ok(isAlive(pid))
  await parent.kill()
  await waitFor(() => !isAlive(pid) || isZombie(pid), { what: 'the child to end' })
})

test('a forgotten child does not keep the test process alive', async () => {
  const script = `
    const { spawnNode } = await import('${import.meta.dirname}/processes.ts')
    const child = spawnNode(['-e', 'console.log("up"); setInterval(() => {}, 1000)'])
    await child.waitForLine(/up/)`
  const parent = spawnNode(['--input-type=module', '-e', script])
  assert.deepEqual(await parent.ended(), { code: 0, signal: null })
})

/** Dead, and nobody has asked how: so it stays where process 1 adopts orphans and never looks at them. */
const isZombie = (pid: number): boolean => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
