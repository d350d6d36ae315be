import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { expectProblem } from '../expect.ts'
import { newPerson, newSignedIn, type SignedIn } from '../people.ts'
import { rawExchange } from '../raw-exchange.ts'
import { bodiesNotJson, loginFaults, profileFaults, registerFaults } from './bad-bodies.ts'
import type { BadBody } from './bad-body.ts'
import type { PromiseSuite } from './promise.ts'

/** Whatever is wrong with a request: the right 4xx, nothing written, and the process goes on. */
export const badInput: PromiseSuite = (world) => {
  describe('bad input', () => {
    let member: SignedIn
    let pids: readonly number[]
    before(async () => {
      pids = world()
        .replicas()
        .map(({ process }) => process().pid)
      member = await newSignedIn(world().gateway)
      await world().gateway.put('/users/profile', { bearer: member.token, json: kept })
    })
    after(async () => {
      assert.deepEqual(
        world()
          .replicas()
          .map(({ process }) => [process().pid, process().hasEnded()]),
        pids.map((pid) => [pid, false]),
      )
      for (const { admin } of world().replicas()) assert.equal((await admin.get('/readyz')).status, 200)
    })

    describe('to register', () => {
      for (const row of [...bodiesNotJson, ...registerFaults]) {
        test(`${row.name}: ${row.status} ${row.code}, and no account`, async () => {
          const person = newPerson()
          for (const door of world().doorsTo('auth-service')) {
            const answer = await door.post('/auth/register', { body: row.body(person), headers: headersOf(row) })
            expectProblem(answer, { ...row, speaker: 'service' })
          }
          const { email, password } = person
          assert.equal((await world().gateway.post('/auth/login', { json: { email, password } })).status, 401)
        })
      }
    })

    describe('to login', () => {
      for (const row of [...bodiesNotJson, ...loginFaults]) {
        test(`${row.name}: ${row.status} ${row.code}, and no session`, async () => {
          for (const door of world().doorsTo('auth-service')) {
            const answer = await door.post('/auth/login', { body: row.body(member), headers: headersOf(row) })
            expectProblem(answer, { ...row, speaker: 'service' })
          }
        })
      }
    })

    describe('to write a profile', () => {
      for (const row of [...bodiesNotJson, ...profileFaults]) {
        test(`${row.name}: ${row.status} ${row.code}, and the profile stays`, async () => {
          for (const door of world().doorsTo('user-service')) {
            const { token: bearer } = member
            const answer = await door.put('/users/profile', { bearer, body: row.body(member), headers: headersOf(row) })
            expectProblem(answer, { ...row, speaker: 'service' })
            assert.deepEqual((await door.get('/users/profile', { bearer })).json['profile'], kept)
          }
        })
      }
    })

    const messages: readonly (readonly [name: string, bytes: string, status: number])[] = [
      ['no HTTP at all', 'hello\r\n\r\n', 400],
      ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00', 400],
      ['a header without a colon', 'GET /health HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n', 400],
      ['a length that is none', 'POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n', 400],
      ['two lengths', 'POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 400],
      [
        'a length and chunks',
        'POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        400,
      ],
      ['broken chunks', 'POST /auth/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n', 400],
      ['no host', 'GET /health HTTP/1.1\r\n\r\n', 400],
      ['headers over the limit', `GET /health HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
    ]
    for (const [name, bytes, status] of messages) {
      test(`${name}: ${status} as problem details, and the connection is closed`, async () => {
        for (const door of world().doorsTo('auth-service')) {
          const answer = await rawExchange(door.origin, bytes)
          assert.equal(answer.status, status, answer.text)
          assert.match(answer.text, /^content-type: application\/problem\+json\r$/im)
          assert.match(answer.text, /^connection: close\r$/im)
          assert.equal(answer.problem['status'], status)
        }
      })
    }
  })
}

const kept = { bio: 'kept', avatar: 'kept.png', preferences: { kept: true } }

const headersOf = ({ headers }: BadBody): readonly string[] => headers ?? ['Content-Type', 'application/json']
