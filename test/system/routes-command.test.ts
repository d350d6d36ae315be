import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'

const root = join(import.meta.dirname, '../..')

type Said = { readonly code: number; readonly stdout: string; readonly stderr: string }

describe('./gatehouse routes', () => {
  let folder: string
  let sound: string
  let faulty: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-routes-'))
    sound = join(folder, 'sound.yaml')
    faulty = join(folder, 'faulty.yaml')
    await writeFile(sound, 'routes:\n  - { prefix: /blog, upstream: "http://blog:3000", access: public }\n')
    await writeFile(faulty, 'routes:\n  - { prefix: /blog }\n  - { prefix: /auth, upstream: "http://blog:3000" }\n')
  })
  after(() => rm(folder, { recursive: true, force: true }))

  const routes = (words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Said> =>
    new Promise((resolve) => {
      execFile(
        join(root, 'gatehouse'),
        ['routes', ...words],
        { cwd: root, env: { ...process.env, ...env } },
        (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      )
    })

  test('check prints what a sound file says, named or from the settings, and exits with 0', async () => {
    const printed = `${sound}: 1 route\n/blog  public  http://blog:3000\n`
    for (const said of [await routes(['check', sound]), await routes(['check'], { GATEWAY_ROUTES: sound })]) {
      assert.deepEqual([said.code, said.stdout], [0, printed])
    }
  })

  test('check prints every fault of a faulty file, and exits with 1', async () => {
    const { code, stdout } = await routes(['check', faulty])
    assert.equal(code, 1)
    assert.equal(
      stdout,
      `${faulty}:2:5: \`upstream\` is missing\n${faulty}:3:15: the prefix /auth would hide the built-in /auth\n`,
    )
  })

  test('explain exits with 0 when the request would be served, and with 1 when it would be refused', async () => {
    const served = await routes(['explain', 'GET', '/blog/1', '--file', sound, '--header', 'Accept: text/html'])
    assert.equal(served.code, 0)
    assert.match(served.stdout, /^sent on {5}GET \/blog\/1 to http:\/\/blog:3000$/m)
    assert.match(served.stdout, /^ +Accept: text\/html$/m)
    const refused = await routes(['explain', 'GET', '/blogs'], { GATEWAY_ROUTES: sound })
    assert.equal(refused.code, 1)
    assert.match(refused.stdout, /^answer {6}404 service-not-found/m)
  })

  for (const words of [
    [],
    ['check'],
    ['check', 'a', 'b'],
    ['explain', 'GET'],
    ['explain', 'GET', '/', '--header', 'x'],
    ['change'],
  ]) {
    test(`what cannot be understood exits with 2: routes ${words.join(' ')}`, async () => {
      const { code, stdout, stderr } = await routes(words, { GATEWAY_ROUTES: '' })
      assert.deepEqual([code, stdout], [2, ''])
      assert.match(stderr, /^gatehouse: .+\n/)
    })
  }
})
