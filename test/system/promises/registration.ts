import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { expectDiscreet, expectProblem } from '../expect.ts'
import { newMember, newPerson, signIn } from '../people.ts'
import type { PromiseSuite } from './promise.ts'

/** Opening an account. */
export const registration: PromiseSuite = (world) => {
  describe('registration', () => {
    test('answers 201 with the sentence and the user id, and nothing else', async () => {
      for (const door of world().doorsTo('auth-service')) {
        const answer = await door.post('/auth/register', { json: newPerson() })
        assert.equal(answer.status, 201)
        assert.deepEqual(Object.keys(answer.json).toSorted(), ['message', 'user_id'])
        assert.equal(answer.json['message'], 'User registered successfully')
        assert.match(String(answer.json['user_id']), /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
        assert.match(String(answer.headers['x-request-id']), /^[\w.-]+$/)
        expectDiscreet(answer)
      }
    })

    const spellings: readonly (readonly [name: string, spell: (text: string) => string])[] = [
      ['as it is', (text) => text],
      ['in capitals', (text) => text.toUpperCase()],
      ['with space around it', (text) => ` ${text} `],
      ['in another Unicode form', (text) => text.normalize('NFD')],
    ]
    for (const [name, spell] of spellings) {
      test(`a name that is taken is taken ${name}, on every node`, async () => {
        const { gateway } = world()
        const taken = accented()
        assert.equal((await gateway.post('/auth/register', { json: taken })).status, 201)
        for (const door of world().doorsTo('auth-service')) {
          const sameName = await door.post('/auth/register', {
            json: { ...newPerson(), username: spell(taken.username) },
          })
          expectProblem(sameName, { status: 409, code: 'username-taken', speaker: 'service' })
          const sameEmail = await door.post('/auth/register', { json: { ...newPerson(), email: spell(taken.email) } })
          expectProblem(sameEmail, { status: 409, code: 'email-taken', speaker: 'service' })
        }
        const { email, password } = taken
        assert.equal((await gateway.post('/auth/login', { json: { email: spell(email), password } })).status, 200)
        assert.equal(
          (await gateway.post('/auth/login', { json: { username: spell(taken.username), password } })).status,
          200,
        )
      })
    }

    test('of many who want one name at the same moment, one gets it', async () => {
      const { gateway, otherGateway } = world()
      const { username } = newPerson()
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, at) =>
          (at % 2 === 0 ? gateway : otherGateway).post('/auth/register', { json: { ...newPerson(), username } }),
        ),
      )
      assert.deepEqual(
        answers.map(({ status }) => status).toSorted((a, b) => a - b),
        [201, 409, 409, 409, 409, 409],
      )
    })

    test('a refused registration leaves nothing behind', async () => {
      const { gateway } = world()
      const taken = await newMember(gateway)
      const { email, password } = newPerson()
      const refused = await gateway.post('/auth/register', { json: { username: taken.username, email, password } })
      assert.equal(refused.status, 409)
      assert.equal((await gateway.post('/auth/login', { json: { email, password } })).status, 401)
      const again = await gateway.post('/auth/register', { json: { ...newPerson(), email } })
      assert.equal(again.status, 201)
    })

    test('the longest name, address and password that are allowed work', async () => {
      const { gateway } = world()
      const { username, email, password } = newPerson()
      const longest = {
        username: username.padEnd(80, 'ü'),
        email: email.padStart(120, 'x'),
        password: password.padEnd(1024, 'ß'),
      }
      assert.equal((await gateway.post('/auth/register', { json: longest })).status, 201)
      await signIn(gateway, longest)
    })

    test('one who registered through one gateway signs in through the other at once', async () => {
      const { gateway, otherGateway } = world()
      const member = await newMember(gateway)
      await signIn(otherGateway, member)
    })
  })
}

/** Somebody whose name has letters with more than one spelling. */
const accented = () => {
  const person = newPerson()
  return { ...person, username: `Zoë-${person.username}`, email: `zoë-${person.email}` }
}
