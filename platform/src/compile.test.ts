import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-compile-'))
test.after(() => rmSync(folder, { recursive: true }))

/** Whether a process that does this had to load the type stripper. */
const strips = async (cache: string, act: string): Promise<boolean> => {
  const program =
    `require('node:module').enableCompileCache(${JSON.stringify(join(folder, cache))});` +
    `(async () => { ${act}; console.log(process.moduleLoadList.some((name) => name.includes('amaro'))) })()`
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', '--eval', program], {
    cwd: import.meta.dirname,
  })
  return stdout.trim() === 'true'
}

/** What one process of many loads, and one with TLS and spans. */
const later = [
  '@gatehouse/api-gateway/network-upstream.ts',
  '@gatehouse/counters/redis-permits.ts',
  '@gatehouse/event-feed/redis-signal.ts',
  '@gatehouse/http/secure-server.ts',
  '@gatehouse/observe/span-exporter.ts',
]
const loadAll = `for (const name of ${JSON.stringify(later)}) await import(name)`

test('what a start loads later is compiled too', async () => {
  assert.equal(await strips('none', loadAll), true)
  assert.equal(await strips('all', `await (await import('./compile.ts')).compile()`), true)
  assert.equal(await strips('all', loadAll), false)
})
