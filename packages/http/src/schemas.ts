import { Ajv } from 'ajv'
import type { FastifySchemaCompiler } from 'fastify'

/**
 * The compiler behind every route's input. Bodies are taken as they are written: nothing is coerced, no unknown member
 * silently dropped (Fastify's own default does both). Query and path are text by nature, so their numbers are read from
 * it.
 */
export const schemaValidator = (): FastifySchemaCompiler<object> => {
  const strict = new Ajv({ strict: false, allErrors: true, removeAdditional: false, coerceTypes: false })
  const coercing = new Ajv({ strict: false, allErrors: true, removeAdditional: false, coerceTypes: true })
  return ({ schema, httpPart }) => (httpPart === 'body' ? strict : coercing).compile(schema)
}
