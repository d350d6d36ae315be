import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Client } from './client.ts'
import { secretMark } from './world.ts'

/** Somebody who wants an account. */
export type Person = { readonly username: string; readonly email: string; readonly password: string }

/** Somebody who has one. */
export type Member = Person & { readonly userId: string }

/** Somebody who is signed in. */
export type SignedIn = Member & { readonly token: string }

/** Somebody nobody has heard of. */
export const newPerson = (): Person => {
  const name = `u${randomBytes(6).toString('hex')}`
  return { username: name, email: `${name}@example.com`, password: `${secretMark}${randomBytes(6).toString('hex')}` }
}

/** Opens an account for somebody new. */
export const newMember = async (gateway: Client): Promise<Member> => {
  const person = newPerson()
  const { status, json, text } = await gateway.post('/auth/register', { json: person })
  assert.equal(status, 201, text)
  return { ...person, userId: String(json['user_id']) }
}

/** Starts a session and returns its access token. */
export const signIn = async (gateway: Client, { email, password }: Person): Promise<string> => {
  const { status, json, text } = await gateway.post('/auth/login', { json: { email, password } })
  assert.equal(status, 200, text)
  return String(json['token'])
}

/** Opens an account for somebody new and starts a session. */
export const newSignedIn = async (gateway: Client): Promise<SignedIn> => {
  const member = await newMember(gateway)
  return { ...member, token: await signIn(gateway, member) }
}
