import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startBetterAuth } from './better-auth.ts'
import type { Operation } from './system.ts'

// A check of a session that nobody knows is answered 200 too, with `null`: then something else would be measured.
test('better-auth answers a session check with the session, and logs in, registers and logs out', async (t) => {
  const betterAuth = await startBetterAuth()
  t.after(betterAuth.stop)
  const answersTo = async (operation: Operation, count: number) => {
    const requests = await betterAuth.prepare(operation, count)
    assert.ok(!('absent' in requests), operation)
    assert.equal(requests.length, count)
    const answers: unknown[] = []
    for (const { method, path, headers = {}, body } of requests) {
      const answer = await fetch(`http://127.0.0.1:${betterAuth.port}${path}`, { method, headers, body: body ?? null })
      assert.equal(answer.status, 200, `${operation}: ${answer.status}`)
      answers.push(await answer.json())
    }
    return answers
  }
  for (const answer of await answersTo('validate', 2)) {
    // What its documents say that it answers.
    const { session, user } = answer as { session: { userId: string }; user: { id: string } }
    assert.equal(session.userId, user.id)
  }
  for (const operation of ['login', 'register'] as const)
    for (const answer of await answersTo(operation, 2))
      assert.ok(typeof (answer as { token?: unknown }).token === 'string', `${operation}: ${JSON.stringify(answer)}`)
  assert.deepEqual(await answersTo('logout', 2), [{ success: true }, { success: true }])
  assert.deepEqual(await betterAuth.prepare('profile-read', 1), { absent: 'better-auth keeps no profiles' })
})
