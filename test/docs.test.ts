import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { spawnProcess, type RunningProcess } from '@gatehouse/testing/processes.ts'

const root = join(import.meta.dirname, '..')
const readme = await readFile(join(root, 'README.md'), 'utf8')

/** A fenced block of the README, by its language and words that stand in it. */
const block = (language: string, words: string): string => {
  const blocks = [...readme.matchAll(/^```(\w*)\n([^]*?)^```$/gm)]
  const found = blocks.find(([, name, text]) => name === language && text?.includes(words))
  return found?.[2] ?? assert.fail(`the README has no ${language} block with ${words}`)
}

/** The block of answers that follows this block of commands. */
const answersTo = (commands: string): string => {
  const [, answers] = readme.slice(readme.indexOf(commands)).match(/```text\n([^]*?)```/) ?? []
  return answers ?? assert.fail('no answers follow')
}

/** Runs lines as a reader pastes them, with the ports of this test in the place of the README's. */
const paste = async (lines: string, ports: Readonly<Record<string, number>>): Promise<string> => {
  const moved = lines.replaceAll(/\b(8000|5001|5002|3000|801[123])\b/g, (port) => String(ports[port] ?? port))
  const { stdout } = await promisify(execFile)('bash', ['-euc', moved], { cwd: root, timeout: 30_000 })
  return stdout
}

/** Each expected line must be there in its turn; `…` stands for what differs every time. */
const assertAnswers = (actual: string, expected: string): void => {
  const pattern = expected
    .trim()
    .split('…')
    .map((part) => RegExp.escape(part))
    .join('[^",]+')
  assert.match(actual.trim().replaceAll(/\}\{/g, '}\n{'), new RegExp(`^${pattern}$`))
}

describe('the README', () => {
  const session = block('sh', '/auth/logout')
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-docs-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  describe('after `make start`', () => {
    let server: RunningProcess
    let hello: RunningProcess
    let ports: Readonly<Record<string, number>>
    before(async () => {
      ports = { 8000: await freePort(), 3000: await freePort() }
      const routes = join(folder, 'routes.yaml')
      await writeFile(routes, block('yaml', 'prefix: /hello').replace('3000', String(ports[3000])))
      hello = spawnProcess('./gatehouse', ['node', 'docs/examples/hello.mjs'], {
        cwd: root,
        env: { PORT: String(ports[3000]) },
      })
      server = spawnProcess('make', ['start'], {
        cwd: root,
        env: {
          GATEWAY_PORT: String(ports[8000]),
          ADMIN_PORT: '0',
          DATA_DIR: join(folder, 'data'),
          GATEWAY_ROUTES: routes,
          HOME: process.env['HOME'],
        },
      })
      await server.waitForUrl(`http://127.0.0.1:${ports[8000]}/health`)
    })
    after(async () => {
      await Promise.all([server.stop(), hello.stop()])
    })

    test('the block from registration to logout answers what it says', async () => {
      assertAnswers(await paste(session, ports), answersTo(session))
    })

    test('a service behind the gate is told who calls', async () => {
      const call = block('sh', '8000/hello/world')
      const login = session.slice(session.indexOf('TOKEN='), session.indexOf('curl -X PUT'))
      assertAnswers(await paste(`${login}\n${call}`, ports), answersTo(call))
    })

    test('the four lines of the reference system run unchanged', async () => {
      const lines = `
        curl http://localhost:8000/health
        curl -X POST http://localhost:8000/auth/register -H "Content-Type: application/json" \
          -d '{"username":"testuser","email":"test@example.com","password":"secret"}'
        curl -X POST http://localhost:8000/auth/login -H "Content-Type: application/json" \
          -d '{"email":"test@example.com","password":"secret"}'`
      const answer = await paste(lines, ports)
      assert.match(answer, /"gateway":"healthy"/)
      // The session above has registered the same person.
      assert.match(answer, /"code":"username-taken"/)
      assert.match(answer, /"token":"[\w-]+\.[\w-]+\.[\w-]+","user_id":"[\w-]{36}"/)
    })
  })

  test('the lines about a route file print what they say', async () => {
    await writeFile(join(folder, 'routes.yaml'), block('yaml', 'prefix: /hello'))
    const lines = block('sh', 'routes check')
    const { stdout } = await promisify(execFile)(
      'bash',
      ['-euc', lines.replaceAll('./gatehouse', join(root, 'gatehouse'))],
      { cwd: folder, timeout: 30_000 },
    )
    assertAnswers(stdout, answersTo(lines))
  })

  test('the lines for three processes run three processes', async () => {
    const given = [8000, 5001, 5002, 8011, 8012, 8013]
    const ports: Record<string, number> = {}
    for (const port of given) ports[port] = await freePort()
    const lines = `
      trap 'kill $(jobs -p) && wait' EXIT
      export GATEWAY_PORT=8000 AUTH_PORT=5001 USER_PORT=5002
      export DATA_DIR='${folder}/three' LOG_LEVEL=error PASSWORD_POLICY=relaxed
      ${block('sh', '--target=api-gateway')}
      ready() { curl -sf http://localhost:8013/readyz && curl -sf http://localhost:8012/readyz; }
      for _ in $(seq 200); do ready >/dev/null && break; sleep 0.1; done
      ${session}`
    const answers = answersTo(session)
    assertAnswers(await paste(lines, ports), answers)
  })
})
