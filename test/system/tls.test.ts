import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { constants } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { connect } from 'node:tls'
import { issueCertificate, type TestCertificate } from '@gatehouse/testing/certificate.ts'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { answerOf, http2Client, type Http2Client } from './http2-client.ts'
import { newPerson } from './people.ts'
import { startSecure, type Secure } from './secure.ts'
import { openSocket } from './web-socket.ts'

describe('the gateway over TLS', () => {
  let world: Secure
  let client: Http2Client
  before(async () => {
    world = await startSecure()
    client = http2Client(world.port, world.certificate.cert)
  })
  after(async () => {
    client.close()
    await world.stop()
  })

  test('an account is opened, used and left over HTTP/2', async () => {
    const person = newPerson()
    const json = { 'content-type': 'application/json' }
    const { email, password } = person
    const registered = await client.ask('POST', '/auth/register', { headers: json, body: JSON.stringify(person) })
    assert.equal(registered.status, 201, registered.text)
    const login = await client.ask('POST', '/auth/login', { headers: json, body: JSON.stringify({ email, password }) })
    const { token } = JSON.parse(login.text) as { readonly token: string }
    const headers = { authorization: `Bearer ${token}` }
    const written = { headers: { ...headers, ...json }, body: JSON.stringify({ bio: 'over HTTP/2' }) }
    assert.equal((await client.ask('PUT', '/users/profile', written)).status, 200)
    assert.match((await client.ask('GET', '/users/profile', { headers })).text, /over HTTP\/2/)
    assert.equal((await client.ask('POST', '/auth/logout', { headers })).status, 200)
    const refused = await client.ask('GET', '/users/profile', { headers })
    assert.deepEqual([refused.status, refused.headers['connection']], [401, undefined])
    assert.match(refused.text, /"token-revoked"/)
  })

  test('a service hears HTTP/1.1, and that its client spoke TLS', async () => {
    const headers = { cookie: ['a=1', 'b=2'], te: 'trailers', 'x-user-id': 'mallory', 'X-Mixed': '1' }
    const { text } = await client.ask('POST', '/own/echo', { headers, body: 'body' })
    const heard = JSON.parse(text) as { readonly headers: readonly string[] }
    const fields = new Map(heard.headers.flatMap((name, at, all) => (at % 2 === 0 ? [[name, all[at + 1]]] : [])))
    assert.equal(fields.get('cookie'), 'a=1; b=2')
    assert.equal(fields.get('x-forwarded-proto'), 'https')
    assert.equal(fields.get('x-forwarded-host'), `localhost:${world.port}`)
    assert.equal(fields.get('forwarded'), `for=127.0.0.1;host="localhost:${world.port}";proto=https`)
    assert.equal(fields.get('x-mixed'), '1')
    assert.ok(!fields.has('te') && !fields.has('x-user-id') && !heard.headers.some((text) => text.startsWith(':')))
  })

  test('what a service says of its connection goes no further, and its cookies stay two', async () => {
    const private_ = await client.ask('GET', '/own/hop-by-hop')
    assert.deepEqual([private_.status, private_.text, private_.headers['x-public']], [200, 'ok', '1'])
    for (const name of ['connection', 'keep-alive', 'x-private', 'server']) assert.ok(!(name in private_.headers), name)
    assert.deepEqual((await client.ask('GET', '/own/cookies')).headers['set-cookie'], ['a=1; Path=/', 'b=2; HttpOnly'])
  })

  test('a body of unknown length arrives whole, however large', async () => {
    const body = Buffer.alloc(8_000_000, 'gatehouse')
    const { text } = await client.ask('POST', '/own/digest', { body })
    assert.equal(text, createHash('sha256').update(body).digest('hex'))
  })

  test('a service that dies in mid-answer ends the stream in an error, and no other one', async () => {
    const held = client.open({ ':path': '/own/stream' })
    const answer = answerOf(held)
    await once(held, 'data')
    const half = await client.ask('GET', '/own/half')
    assert.deepEqual([half.status, half.code], [200, constants.NGHTTP2_INTERNAL_ERROR])
    world.ownService.release()
    assert.deepEqual([(await answer).text, (await answer).code], ['data: first\n\ndata: second\n\n', 0])
  })

  test('a client that leaves is told to the service, and to the log', async () => {
    const held = client.open({ ':path': '/own/stream?left' })
    await once(held, 'data')
    held.close(constants.NGHTTP2_INTERNAL_ERROR)
    const call = world.ownService.calls().findLast(({ url }) => url.endsWith('?left'))
    await waitFor(() => call?.abandoned() === true, { what: 'the service to see it' })
    await waitFor(() => /"path":"\/own\/stream".*"code":"client-left"/.test(world.logs()), {
      what: 'the log to say it',
    })
  })

  test('one malformed request is refused by itself: what else is on the connection goes on', async () => {
    const [bad, good] = await Promise.all([client.ask('GET', '/own//x'), client.ask('GET', '/own/echo')])
    assert.deepEqual([bad.status, good.status], [400, 200])
    assert.equal((await client.ask('GET', '/own/echo')).status, 200)
  })

  test('a WebSocket is opened over HTTP/1.1, as browsers do it', async () => {
    const origin = `https://localhost:${world.port}`
    const { handshake, ask, socket } = await openSocket(origin, '/own/socket', { ca: world.certificate.cert })
    assert.equal(handshake.headers[handshake.headers.indexOf('x-forwarded-proto') + 1], 'https')
    assert.equal((await ask('hello')).toString(), 'hello')
    socket.terminate()
  })

  test('told to stop, it lets a stream finish, and the process ends with 0', async () => {
    const held = client.open({ ':path': '/own/stream' })
    const answer = answerOf(held)
    await once(held, 'data')
    const ended = world.replica.process().stop({ timeoutMs: 10_000 })
    await once(client.session, 'goaway')
    world.ownService.release()
    assert.deepEqual([(await answer).text, (await answer).code], ['data: first\n\ndata: second\n\n', 0])
    assert.deepEqual(await ended, { code: 0, signal: null })
  })
})

/** What the gateway shows to whoever connects now. */
const fingerprintAt = async (port: number): Promise<string | undefined> => {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerX509Certificate() ?? {}
  socket.destroy()
  return fingerprint256
}

const fingerprintOf = ({ cert }: TestCertificate): string => new X509Certificate(cert).fingerprint256

const shows = (port: number, certificate: TestCertificate): Promise<void> =>
  waitFor(async () => (await fingerprintAt(port)) === fingerprintOf(certificate), { what: 'the new certificate' })

const metric = async ({ replica }: Secure, name: string): Promise<number> => {
  const { text } = await replica.admin.get('/metrics')
  return Number(new RegExp(`^${name}(?:\\{.*\\})? (.*)$`, 'm').exec(text)?.[1])
}

describe('a certificate that changes', () => {
  let world: Secure
  before(async () => {
    world = await startSecure()
  })
  after(() => world.stop())

  const replace = async ({ cert, key }: Partial<TestCertificate>): Promise<void> => {
    for (const [path, text] of [
      [world.keyFile, key],
      [world.certFile, cert],
    ] as const) {
      if (text === undefined) continue
      await writeFile(`${path}.new`, text)
      await rename(`${path}.new`, path)
    }
  }

  test('is used for new connections as soon as it is in place, and nobody loses one', async () => {
    const client = http2Client(world.port, world.certificate.cert)
    assert.equal((await client.ask('GET', '/health')).status, 200)
    const notAfter = new Date(Math.floor(Date.now() / 1000) * 1000 + 86_400_000 * 90)
    const next = issueCertificate({ notAfter })
    await replace(next)
    await shows(world.port, next)
    assert.equal((await client.ask('GET', '/health')).status, 200)
    client.close()
    assert.equal(await metric(world, 'tls_certificate_expires_at_seconds'), notAfter.getTime() / 1000)
    assert.equal(await metric(world, 'tls_certificate_reload_ok'), 1)
  })

  for (const [what, bad, said] of [
    ['with the key of another', { cert: issueCertificate().cert }, /not the key of the certificate/],
    ['that is none', { cert: 'nonsense' }, /no PEM certificate/],
    ['that is over', issueCertificate({ notAfter: new Date(Date.now() - 1_000) }), /expired at/],
    ['that is not good yet', issueCertificate({ notBefore: new Date(Date.now() + 3_600_000) }), /not good before/],
  ] as const) {
    test(`${what} changes nothing, and the log and a metric say so`, async () => {
      const good = issueCertificate()
      await replace(good)
      await shows(world.port, good)
      const before = world.logs().length
      await replace(bad)
      await waitFor(() => said.test(world.logs().slice(before)), { what: 'the log to say it' })
      assert.equal(await fingerprintAt(world.port), fingerprintOf(good))
      assert.equal(await metric(world, 'tls_certificate_reload_ok'), 0)
    })
  }

  test('is read on SIGHUP as well', async () => {
    const good = issueCertificate()
    await replace(good)
    await shows(world.port, good)
    const before = world.logs().length
    world.replica.process().signal('SIGHUP')
    await waitFor(() => /has not changed/.test(world.logs().slice(before)), { what: 'the certificate to be read' })
    assert.equal((await fingerprintAt(world.port)) ?? '', fingerprintOf(good))
  })
})

test('a certificate that is swapped by a link, as Kubernetes and certbot do it, is used', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-tls-'))
  const put = async (version: string, { cert, key }: TestCertificate): Promise<void> => {
    await mkdir(join(folder, version))
    await writeFile(join(folder, version, 'tls.crt'), cert)
    await writeFile(join(folder, version, 'tls.key'), key)
    await symlink(version, join(folder, '..new'))
    await rename(join(folder, '..new'), join(folder, '..data'))
  }
  const [one, two, three] = [issueCertificate(), issueCertificate(), issueCertificate()]
  await put('..1', one)
  for (const name of ['tls.crt', 'tls.key']) await symlink(join('..data', name), join(folder, name))
  const world = await startSecure({ TLS_CERT_FILE: join(folder, 'tls.crt'), TLS_KEY_FILE: join(folder, 'tls.key') })
  try {
    assert.equal(await fingerprintAt(world.port), fingerprintOf(one))
    for (const [version, next] of [
      ['..2', two],
      ['..3', three],
    ] as const) {
      await put(version, next)
      await shows(world.port, next)
    }
  } finally {
    await world.stop()
    await rm(folder, { recursive: true, force: true })
  }
})

test('a process whose certificate is over starts all the same, and says so', async () => {
  const expired = issueCertificate({ notAfter: new Date(Date.now() - 1_000) })
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-tls-'))
  await writeFile(join(folder, 'tls.crt'), expired.cert)
  await writeFile(join(folder, 'tls.key'), expired.key)
  const world = await startSecure({ TLS_CERT_FILE: join(folder, 'tls.crt'), TLS_KEY_FILE: join(folder, 'tls.key') })
  try {
    assert.equal(await fingerprintAt(world.port), fingerprintOf(expired))
    const told = /"level":"error".*clients will refuse us: the certificate expired at/
    await waitFor(() => told.test(world.logs()), { what: 'the log to say so' })
  } finally {
    await world.stop()
    await rm(folder, { recursive: true, force: true })
  }
})
