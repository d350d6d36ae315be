import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { routeFileSchema } from './route-file-schema.ts'
import { faultyByForm, faultyByLaw, sound } from './testing-route-files.ts'

// Strict: a keyword that it does not know, or that says nothing where it stands, is an error.
const accepts = new Ajv2020({ strict: true }).compile(routeFileSchema)

for (const text of sound) {
  test(`the schema accepts what the gateway accepts: ${JSON.stringify(text)}`, () => {
    assert.ok(accepts(parse(text)), JSON.stringify(accepts.errors))
  })
}

for (const [text] of faultyByForm) {
  test(`the schema refuses what the gateway refuses: ${JSON.stringify(text)}`, () => {
    assert.ok(!accepts(parse(text)))
  })
}

for (const [text] of faultyByLaw) {
  test(`what the schema cannot say, the gateway alone refuses: ${JSON.stringify(text)}`, () => {
    assert.ok(accepts(parse(text)), JSON.stringify(accepts.errors))
  })
}
