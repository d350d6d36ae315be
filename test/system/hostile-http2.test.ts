import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { hostileHttp2, hostilePath, type HostileHttp2 } from './hostile-http2.ts'
import { fieldBlock, flags, frame, frameTypes, openRawHttp2, type RawHttp2 } from './raw-http2.ts'
import { startSecure, type Secure } from './secure.ts'

describe('hostile requests over HTTP/2', () => {
  let world: Secure
  before(async () => {
    world = await startSecure()
  })
  after(() => world.stop())

  /** What has come of it: see `HostileHttp2`. */
  const outcome = (connection: RawHttp2): HostileHttp2['comesTo'] | undefined => {
    const heard = connection.heard()
    if (connection.isClosed() || heard.some(({ type }) => type === frameTypes.goaway)) return 'end'
    const body = heard.flatMap(({ type, payload }) => (type === frameTypes.data ? [payload.toString()] : [])).join('')
    const status = /"status":(\d+)/.exec(body)?.[1]
    if (status !== undefined) return Number(status)
    return heard.some(({ type }) => type === frameTypes.reset) ? 'reset' : undefined
  }

  for (const { name, frames, comesTo, isBegun } of hostileHttp2) {
    test(`${name}: ${comesTo}`, async () => {
      const before = world.ownService.calls().length
      const connection = await openRawHttp2(world.port, world.certificate.cert)
      try {
        connection.send(...frames)
        // A stream that is reset may be the first sign of a connection that ends.
        await waitFor(() => outcome(connection) === comesTo, { what: `${name} to come to ${comesTo}` })
        const calls = world.ownService.calls().slice(before)
        if (isBegun !== true) assert.deepEqual(calls, [])
        await waitFor(() => calls.every((call) => call.abandoned()), { what: 'what has begun to be abandoned' })
        assert.ok(calls.length <= 110, `${calls.length} requests were begun`)
      } finally {
        connection.close()
      }
    })
  }

  test('after all of them an honest request is answered, and a field with bytes that it must not have is left out', async () => {
    const connection = await openRawHttp2(world.port, world.certificate.cert)
    const fields = [':method', 'GET', ':scheme', 'https', ':path', `${hostilePath}-no-more`, ':authority', 'localhost']
    const odd = [
      'x-a',
      '1\r\nx-user-id: mallory',
      'x-b',
      '1\0',
      'x c',
      'mallory',
      'x-user-id',
      'mallory',
      'x-d',
      'kept',
    ]
    connection.send(
      frame('headers', {
        flag: flags.endHeaders | flags.endStream,
        stream: 1,
        payload: fieldBlock([...fields, ...odd]),
      }),
    )
    await waitFor(() => connection.heard().some(({ type }) => type === frameTypes.data), { what: 'an answer' })
    connection.close()
    const { url, rawHeaders } = world.ownService.calls().at(-1) ?? assert.fail('the service was not called')
    assert.equal(url, `${hostilePath}-no-more`)
    assert.ok(rawHeaders.includes('kept') && !rawHeaders.join('\n').includes('mallory'), rawHeaders.join('\n'))
  })
})
