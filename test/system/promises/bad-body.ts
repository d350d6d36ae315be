import type { Person } from '../people.ts'

/** A body that must be refused, and how. */
export type BadBody = {
  readonly name: string
  readonly body: (person: Person) => string | Buffer
  readonly headers?: readonly string[]
  readonly status: number
  readonly code: string
  readonly members?: readonly string[]
}

/** A body as it goes over the wire that is refused with 400 and this code. */
export const bad = (name: string, body: BadBody['body'], code: string, members?: readonly string[]): BadBody => ({
  name,
  body,
  status: 400,
  code,
  ...(members === undefined ? {} : { members }),
})

/** A JSON body in which these members are wrong. */
export const refused = (name: string, json: (person: Person) => unknown, members: readonly string[]): BadBody =>
  bad(name, (person) => JSON.stringify(json(person)), 'invalid-request', members)

/** The same body sent with other headers, which are what is wrong with it. */
export const unsupported = (name: string, headers: readonly string[], body: BadBody['body']): BadBody => ({
  ...bad(name, body, 'unsupported-media-type'),
  headers,
  status: 415,
})

/** No text, whatever it should have said. */
export const wrongTexts = [
  ['a number', 5],
  ['null', null],
  ['an object', { a: 1 }],
  ['an array', ['a']],
  ['an empty string', ''],
] as const
