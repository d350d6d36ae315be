import assert from 'node:assert/strict'
import type { Answer, Client } from './client.ts'

/** What a refusal must look like. */
export type Expected = {
  readonly status: number
  readonly code: string
  /** A service repeats its sentence as `message`, the gateway as `error`. */
  readonly speaker: 'service' | 'gateway'
  readonly title?: string
  /** JSON Pointers that `errors` must name, among others perhaps. */
  readonly members?: readonly string[]
}

/** Asserts that an answer is a refusal as RFC 9457 and the design have it, and that it tells nothing it should not. */
export const expectProblem = (answer: Answer, expected: Expected): void => {
  const { json, text, headers } = answer
  assert.deepEqual(
    { status: answer.status, code: json['code'] },
    { status: expected.status, code: expected.code },
    text,
  )
  assert.equal(headers['content-type'], 'application/problem+json')
  assert.equal(json['status'], expected.status)
  assert.equal(json['type'], `urn:gatehouse:problem:${expected.code}`)
  const { title, request_id } = json
  assert.ok(typeof title === 'string' && title !== '')
  assert.ok(typeof request_id === 'string' && request_id !== '')
  const [said, unsaid] = expected.speaker === 'service' ? ['message', 'error'] : ['error', 'message']
  assert.equal(json[said], title)
  assert.equal(json[unsaid], undefined)
  if (expected.title !== undefined) assert.equal(title, expected.title)
  if (expected.status === 401) assert.match(headers['www-authenticate'] ?? '', /^Bearer /)
  if (expected.status === 503) assert.match(headers['retry-after'] ?? '', /^[1-9]\d*$/)
  if (expected.members !== undefined) {
    const named = membersIn(answer)
    for (const member of expected.members) assert.ok(named.includes(member), `${member} is not named in ${text}`)
  }
  expectDiscreet(answer)
}

/** Asserts that the gateway says, in the reference system's words too, that a service cannot be reached. */
export const expectServiceUnavailable = (answer: Answer): void => {
  const title = 'Service unavailable'
  expectProblem(answer, { status: 503, code: 'service-unavailable', speaker: 'gateway', title })
  assert.equal(answer.json['error'], title)
}

/** Asserts that an answer names no software and shows no stack. */
export const expectDiscreet = ({ headers, text }: Answer): void => {
  assert.equal(headers['server'], undefined)
  assert.equal(headers['x-powered-by'], undefined)
  assert.doesNotMatch(text, /\bat \S+ \(|node_modules|\.ts:\d+|Traceback/)
}

/** Whether a token is good there, and why it is not. */
export const standing = async (
  door: Client,
  token: string,
  path: '/auth/validate' | '/users/profile',
): Promise<string> => {
  const { status, json } = await door.ask(path === '/auth/validate' ? 'POST' : 'GET', path, { bearer: token })
  // Nobody has to have written a profile to be let in.
  return status === 200 || status === 404 ? 'good' : String(json['code'])
}

/** The members that `errors` names. */
const membersIn = ({ json }: Answer): readonly unknown[] => {
  const { errors } = json
  if (!Array.isArray(errors)) return []
  return errors.map((error: unknown) =>
    typeof error === 'object' && error !== null && 'path' in error ? error.path : undefined,
  )
}
