import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { waitFor } from '@gatehouse/testing/wait-for.ts'
import { startOneProcess, type OneProcess } from './one-process.ts'
import { newMember, type Member } from './people.ts'

/** The address that a session of this member was begun from, as auth-service wrote it down. */
const seenFrom = async ({ gateway }: OneProcess, { email, password }: Member, headers: readonly string[]) => {
  const login = await gateway.post('/auth/login', { json: { email, password }, headers })
  assert.equal(login.status, 200, login.text)
  const { json } = await gateway.get('/auth/sessions', { bearer: String(login.json['token']) })
  // The contract's answer: the test of sessions checks its form.
  const sessions = json['sessions'] as readonly { readonly current: boolean; readonly address: string }[]
  return sessions.find(({ current }) => current)?.address
}

describe('a proxy on this machine that is trusted', () => {
  let world: OneProcess
  before(async () => {
    world = await startOneProcess({ settings: { TRUSTED_PROXIES: '10.0.0.0/8, ::ffff:127.0.0.0/104' } })
  })
  after(() => world.stop())

  test('sessions are written down under the client that the proxy names, not the one that the client claims', async () => {
    const member = await newMember(world.gateway)
    const headers = ['X-Forwarded-For', '198.51.100.1, 203.0.113.9, 10.1.2.3']
    assert.equal(await seenFrom(world, member, headers), '203.0.113.9')
    assert.equal(await seenFrom(world, member, ['Forwarded', 'for="[2001:db8::7]:80";proto=https']), '2001:db8::7')
    assert.equal(await seenFrom(world, member, []), '127.0.0.1')
    // Lines are written up to a tenth of a second late.
    await waitFor(() => world.logs().includes('"address":"203.0.113.9"'), { what: 'the line with the address' })
  })
})

describe('nobody is trusted unless it is said', () => {
  let world: OneProcess
  before(async () => {
    world = await startOneProcess()
  })
  after(() => world.stop())

  test('what a client says of its address is not believed', async () => {
    const headers = ['X-Forwarded-For', '203.0.113.9', 'Forwarded', 'for=203.0.113.9', 'X-Real-IP', '203.0.113.9']
    assert.equal(await seenFrom(world, await newMember(world.gateway), headers), '127.0.0.1')
    // The line of a later request: by then those before it are written as well.
    await world.gateway.get('/nowhere')
    await waitFor(() => world.logs().includes('"path":"/nowhere"'), { what: 'the last line' })
    assert.ok(!world.logs().includes('203.0.113.9'))
  })
})
