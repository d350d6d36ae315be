import assert from 'node:assert/strict'
import { createPrivateKey, randomBytes } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { issueCertificate } from '@gatehouse/testing/certificate.ts'
import { freePort } from '@gatehouse/testing/free-port.ts'
import { freshMysqlDatabase } from '@gatehouse/testing/mysql.ts'
import { expectProblem } from './expect.ts'
import { startOneProcess } from './one-process.ts'
import { newSignedIn } from './people.ts'
import { gatehouse, type Environment } from './replica.ts'
import { secretMark } from './world.ts'

describe('a start that must not succeed', () => {
  let folder: string
  let quiet: Environment
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-system-'))
    quiet = {
      DATA_DIR: join(folder, 'data'),
      GATEWAY_PORT: '0',
      AUTH_PORT: '0',
      USER_PORT: '0',
      ADMIN_PORT: '0',
      LOG_FORMAT: 'json',
    }
  })
  after(() => rm(folder, { recursive: true, force: true }))

  /** Runs a command that is expected to fail; what it printed. */
  const failure = async (args: readonly string[], env: Environment, code = 1): Promise<string> => {
    const process = gatehouse(args, { ...quiet, ...env })
    const ended = await process.ended()
    assert.deepEqual(ended, { code, signal: null }, process.output())
    assert.ok(!process.output().includes(secretMark), process.output())
    return process.output()
  }

  test('workers are for a gateway of its own, on a port of its own', async () => {
    assert.match(await failure(['serve'], { GATEWAY_WORKERS: '2' }), /GATEWAY_WORKERS .*--target=api-gateway/)
    const gateway = ['serve', '--target=api-gateway']
    const env = { GATEWAY_WORKERS: '2', INTERNAL_SECRET: randomBytes(32).toString('hex') }
    assert.match(await failure(gateway, env), /GATEWAY_WORKERS .* GATEWAY_PORT is 0/)
    const unread = { ...env, GATEWAY_PORT: String(await freePort()), GATEWAY_ROUTES: '/no/such/file' }
    assert.match(await failure(gateway, unread), /no\/such\/file[^]*worker \d ended before it was ready/)
  })

  test('wrong settings: every fault in one message, no secret in it, exit code 1', async () => {
    const faults = {
      GATEWAY_PORT: 'banana',
      ADMIN_PORT: '65536',
      ACCESS_TOKEN_TTL_SECONDS: '0',
      REVOCATION_MAX_STALENESS_SECONDS: '-1',
      LOG_LEVEL: 'loud',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://someone:${secretMark}url@127.0.0.1:4318`,
      OTEL_EXPORTER_OTLP_HEADERS: `${secretMark}no equals sign`,
      OTEL_TRACES_SAMPLER: 'some',
      OTEL_TRACES_SAMPLER_ARG: '1.5',
      TRUSTED_PROXIES: '10.0.0.0/8, 10.0.0.0/33',
      PASSWORD_POLICY: 'none',
      AUTH_DATABASE_URL: `postgres://someone:${secretMark}url@127.0.0.1/auth`,
      USER_DATABASE_URL: `mysql://someone:${secretMark}url@`,
      AUTH_SERVICE_URL: `http://someone:${secretMark}url@127.0.0.1:1`,
      USER_SERVICE_URL: 'ftp://127.0.0.1',
      JWT_SECRET_KEY: `${secretMark}short`,
      INTERNAL_SECRET_FILE: '/no/such/file',
    }
    const output = await failure(['serve'], faults)
    for (const name of Object.keys(faults)) {
      const told = output.split('\n').filter((line) => line.trim().startsWith(`${name.replace('_FILE', '')} `))
      assert.equal(told.length, 1, `${name} once in:\n${output}`)
    }
    assert.doesNotMatch(output, /\bat .*:\d+:\d+/, 'a stack helps nobody who mistyped a setting')
  })

  for (const given of [
    'proxy.test',
    '10.0.0',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '::/129',
    '0.0.0.0/0',
    '::/0',
    'fe80::1%eth0',
    ',',
  ]) {
    test(`trusted proxies are addresses and networks, and not everybody: ${given}`, async () => {
      assert.match(await failure(['serve'], { TRUSTED_PROXIES: given }), /^ *TRUSTED_PROXIES has /m)
    })
  }

  test('a certificate that cannot be used is told with what is the matter, and never the key', async () => {
    const one = issueCertificate()
    const other = issueCertificate()
    const write = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
    const [cert, key] = [write('one.crt', one.cert), write('one.key', one.key)]
    const encrypted = createPrivateKey(one.key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'passphrase',
    })
    for (const [given, fault] of [
      [{ TLS_CERT_FILE: cert }, /^ *TLS_KEY_FILE is missing: a certificate and its key go together/m],
      [{ TLS_KEY_FILE: key }, /^ *TLS_CERT_FILE is missing/m],
      [{ TLS_CERT_FILE: '/no/such/file', TLS_KEY_FILE: key }, /^ *TLS_CERT_FILE .*cannot be read \(ENOENT\)/m],
      [{ TLS_CERT_FILE: cert, TLS_KEY_FILE: folder }, /^ *TLS_KEY_FILE .*cannot be read \(EISDIR\)/m],
      [{ TLS_CERT_FILE: key, TLS_KEY_FILE: key }, /^ *TLS_CERT_FILE .*has no PEM certificate/m],
      [{ TLS_CERT_FILE: cert, TLS_KEY_FILE: cert }, /^ *TLS_KEY_FILE .*has no PEM private key/m],
      [{ TLS_CERT_FILE: cert, TLS_KEY_FILE: write('e.key', String(encrypted)) }, /^ *TLS_KEY_FILE .*is encrypted/m],
      [{ TLS_CERT_FILE: cert, TLS_KEY_FILE: write('o.key', other.key) }, /^ *TLS_KEY_FILE .*is not the key/m],
    ] as const) {
      const output = await failure(['serve'], given)
      assert.match(output, fault)
      assert.ok(!output.includes(one.key.slice(40, 80)) && !/\bat .*:\d+:\d+/.test(output), output)
    }
  })

  const required = [
    ['auth-service', ['JWT_SECRET_KEY', 'INTERNAL_SECRET']],
    ['user-service', ['INTERNAL_SECRET']],
    ['api-gateway', ['INTERNAL_SECRET']],
  ] as const
  for (const [target, names] of required) {
    test(`fault, a fallback secret in the code: ${target} does not start without ${names.join(' and ')}`, async () => {
      const output = await failure(['serve', `--target=${target}`], {})
      for (const name of names) assert.ok(output.includes(`${name} is required`), output)
    })
  }

  const samples = [
    ['your-super-secret-jwt-key-here', 'fallback-secret-key'],
    ['your-super-secret-jwt-key-change-in-production', 'change-me-change-me-change-me-change-me'],
    ['a'.repeat(64), ' '.repeat(64)],
  ] as const
  for (const [key, secret] of samples) {
    test(`fault, a fallback secret in the code: ${key.slice(0, 30)}… is refused as everybody's`, async () => {
      const output = await failure(['serve', '--target=auth-service'], { JWT_SECRET_KEY: key, INTERNAL_SECRET: secret })
      for (const name of ['JWT_SECRET_KEY', 'INTERNAL_SECRET']) assert.match(output, new RegExp(`^ *${name} `, 'm'))
      assert.ok(!output.includes(key) && !output.includes(secret))
    })
  }

  test('a port that is taken is named', async () => {
    const squatter = createServer()
    const port = await freePort()
    await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve))
    try {
      for (const name of ['GATEWAY_PORT', 'ADMIN_PORT']) {
        const output = await failure(['serve'], { [name]: `${port}`, DATA_DIR: join(folder, name) })
        assert.match(output, new RegExp(`EADDRINUSE.*${port}|${port}.*(?:in use|taken)`, 'i'))
      }
    } finally {
      squatter.close()
    }
  })

  test('a route file that is wrong is refused with the places', async () => {
    const path = join(folder, 'routes.json')
    writeFileSync(
      path,
      `{"routes":[
        {"prefix":"/auth/mine","upstream":"http://127.0.0.1:1"},
        {"prefix":"blog","upstream":"nowhere","acess":"public"}]}`,
    )
    const output = await failure(['serve'], { GATEWAY_ROUTES: path })
    for (const place of [`${path}:2:`, `${path}:3:`]) assert.ok(output.includes(place), output)
    assert.match(output, /acess/)
    assert.match(await failure(['serve'], { GATEWAY_ROUTES: join(folder, 'none.yaml') }), /GATEWAY_ROUTES/)
  })

  test('a command or target that does not exist is answered with what there is, and exit code 2', async () => {
    assert.match(await failure(['server'], {}, 2), /server[\s\S]*serve/)
    assert.match(await failure(['serve', '--target=auth'], {}, 2), /auth-service/)
    assert.match(await failure(['serve', '--port=1'], {}, 2), /--port/)
  })

  test('fault, a fallback secret in the code: each house makes its own, for its owner alone, and none opens another', async () => {
    const [one, other] = await Promise.all([startOneProcess(), startOneProcess()])
    try {
      const keys = [one, other].map(({ dataDir }) => join(dataDir, 'jwt-secret.key'))
      for (const path of keys) assert.equal(statSync(path).mode & 0o777, 0o600)
      const [first = '', second = ''] = keys.map((path) => readFileSync(path, 'utf8').trim())
      assert.notEqual(first, second)
      for (const file of ['auth.db', 'users.db']) assert.equal(statSync(join(one.dataDir, file)).mode & 0o777, 0o600)
      const { token } = await newSignedIn(one.gateway)
      const foreign = await other.gateway.post('/auth/validate', { bearer: token })
      expectProblem(foreign, { status: 401, code: 'token-invalid', speaker: 'service' })

      // The keys of a house are not opened with another's secret, and it says what is the matter.
      await one.replica.process().stop()
      const output = await failure(['serve'], { DATA_DIR: one.dataDir, JWT_SECRET_KEY: second })
      assert.match(output, /JWT_SECRET_KEY/)
      assert.ok(!output.includes(second))
      await one.replica.start()
      assert.equal((await one.gateway.post('/auth/validate', { bearer: token })).status, 200)
    } finally {
      await Promise.all([one.stop(), other.stop()])
    }
  })

  test('a MySQL that is behind is refused with the command to run; many may run it at once, and then it starts', async () => {
    const [auth, users] = [await freshMysqlDatabase(), await freshMysqlDatabase()]
    try {
      const env = {
        AUTH_DATABASE_URL: auth.url,
        USER_DATABASE_URL: users.url,
        JWT_SECRET_KEY: randomBytes(32).toString('hex'),
        INTERNAL_SECRET: randomBytes(32).toString('hex'),
      }
      for (const target of ['auth-service', 'user-service']) {
        const output = await failure(['serve', `--target=${target}`], {
          ...env,
          AUTH_SERVICE_URL: 'http://127.0.0.1:1',
        })
        assert.ok(output.includes(`migrate --target=${target}`), output)
      }
      const migrations = [1, 2, 3].map(() => gatehouse(['migrate'], { ...quiet, ...env }))
      for (const migration of migrations) {
        assert.deepEqual(await migration.ended(), { code: 0, signal: null }, migration.output())
      }
      const adminPort = await freePort()
      const service = gatehouse(['serve', '--target=auth-service'], { ...quiet, ...env, ADMIN_PORT: `${adminPort}` })
      await service.waitForUrl(`http://127.0.0.1:${adminPort}/readyz`, { status: 200 })
      await service.kill()
    } finally {
      await Promise.all([auth.drop(), users.drop()])
    }
  })
})
