import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type as TypeBox } from 'typebox'
import { Type } from './schema.ts'

test('every builder makes what TypeBox makes', () => {
  // The same program for both: `T` is ours, then theirs.
  const made = (T: typeof Type): readonly object[] => [
    T.String(),
    T.String({ maxLength: 3, 'x-secret': true }),
    T.Integer({ minimum: 1 }),
    T.Boolean(),
    T.Null(),
    T.Literal('a'),
    T.Literal(1, { description: 'one' }),
    T.Literal(true),
    T.Array(T.String(), { maxItems: 2 }),
    T.Union([T.String(), T.Null()], { description: 'either' }),
    T.Unsafe({ type: 'object', additionalProperties: true }),
    T.Object({}),
    T.Object({ a: T.Optional(T.String()) }),
    T.Object({ a: T.String(), b: T.Optional(T.Union([T.Integer(), T.Null()])) }, { additionalProperties: false }),
  ]
  assert.deepEqual(JSON.parse(JSON.stringify(made(Type))), JSON.parse(JSON.stringify(made(TypeBox))))
})

test('an optional schema leaves the one it was made from required', () => {
  const text = Type.String()
  Type.Optional(text)
  assert.match(JSON.stringify(Type.Object({ text })), /"required":\["text"\]/)
})
