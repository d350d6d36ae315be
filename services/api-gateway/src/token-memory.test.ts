import assert from 'node:assert/strict'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { Refusal } from '@gatehouse/contract/refusals.ts'
import { limits } from './limits.ts'
import { exchangeFor } from './testing.ts'
import { tokenMemory } from './token-memory.ts'

const long = 'x'.repeat(limits.authorizationKeptMax)

test('a request on a connection that brought tokens before gets what it would get on a new one', () => {
  const remembering = tokenMemory()
  const socket = new Socket()
  const ask = (tokenOf: typeof remembering, values: readonly string[], on: Socket): string => {
    const headers = values.flatMap((value) => ['Authorization', value])
    try {
      return tokenOf({ ...exchangeFor({ headers }), socket: on })
    } catch (refusal) {
      assert.ok(refusal instanceof Refusal)
      return refusal.code
    }
  }
  const answers = [
    ['Bearer one'],
    ['Bearer one'],
    ['Bearer two'],
    ['Bearer one', 'Bearer one'],
    ['bearer two'],
    ['Bearer two two'],
    [],
    ['Bearer'],
    [`Bearer ${long}`],
    [`Bearer ${long}`],
    ['Bearer two'],
    ['Basic two'],
    ['Bearer one'],
  ].map((values) => {
    const answer = ask(remembering, values, socket)
    assert.equal(answer, ask(tokenMemory(), values, new Socket()), values.join())
    return answer
  })
  assert.deepEqual(answers.slice(0, 4), ['one', 'one', 'two', 'duplicate-authorization'])
  assert.equal(ask(remembering, [], new Socket()), 'token-missing')
})
