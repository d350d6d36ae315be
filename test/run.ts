/**
 * `make test`: every test of the repository, or those whose path contains one of the arguments. Starts the one
 * MariaDB and the one Redis that the tests share, each with a database of its own, and stops them whatever happens.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { startMysql } from '@gatehouse/testing/mysql.ts'
import { startRedis } from '@gatehouse/testing/redis.ts'

const root = join(import.meta.dirname, '..')
const concurrency = 2
// A test that hangs is a failure with a name, not a run that never ends.
const testTimeoutMs = 300_000

const testFiles = async (wanted: readonly string[]): Promise<readonly string[]> => {
  const exclude = (path: string): boolean => /(^|\/)(node_modules|\.tools|\.git)(\/|$)/.test(path)
  const files = await Array.fromAsync(glob('**/*.test.ts', { cwd: root, exclude }))
  return files.filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part))).toSorted()
}

type Shared = { readonly env: Readonly<Record<string, string>>; readonly stop: () => Promise<unknown> }

/** A server that somebody named is used as it is: that is how the tests run on another version. */
const startServers = async (): Promise<Shared> => {
  const begun = performance.now()
  const [mysql, redis] = await Promise.all([
    process.env['TEST_MYSQL_URL'] === undefined ? startMysql() : undefined,
    process.env['TEST_REDIS_URL'] === undefined ? startRedis() : undefined,
  ])
  process.stderr.write(`tests: MySQL and Redis ready in ${Math.round(performance.now() - begun)} ms\n`)
  return {
    env: {
      ...(mysql === undefined ? {} : { TEST_MYSQL_URL: mysql.url }),
      ...(redis === undefined ? {} : { TEST_REDIS_URL: redis.url }),
    },
    stop: () => Promise.all([mysql?.stop(), redis?.stop()]),
  }
}

const runTests = async (files: readonly string[], env: Shared['env']): Promise<number> => {
  const options = [`--test-concurrency=${concurrency}`, `--test-timeout=${testTimeoutMs}`, '--test-reporter=spec']
  const run = spawn(process.execPath, ['--test', ...options, ...files], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  // A terminal sends its Ctrl-C to all of us; a supervisor sends SIGTERM to this process alone.
  const pass = (signal: NodeJS.Signals): void => void run.kill(signal)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, pass)
  await once(run, 'exit')
  return run.exitCode ?? 1
}

const files = await testFiles(process.argv.slice(2))
if (files.length === 0) {
  process.stderr.write(`tests: no test file has ${process.argv.slice(2).join(' or ')} in its path\n`)
  process.exit(1)
}
const servers = await startServers()
try {
  process.exitCode = await runTests(files, servers.env)
} finally {
  await servers.stop()
}
