import type { Operation, Operations } from './operation.ts'
import { problemType } from './problem.ts'
import { commonRefusals, refusals, type RefusalCode } from './refusals.ts'
import type { TSchema } from './schema.ts'

/** The OpenAPI 3.1 document of these operations, as plain JSON data. */
export const openApi = (title: string, version: string, operations: Operations): object => ({
  openapi: '3.1.0',
  info: { title, version },
  paths: paths(operations),
  components: {
    securitySchemes: {
      bearer: {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: 'The access token that login answers.',
      },
      internal: { type: 'http', scheme: 'bearer', description: '`INTERNAL_SECRET`, for our own processes.' },
    },
    schemas: { Problem: problemSchema },
  },
})

/** Every refusal that an operation can answer with, its own and those that come with its access and its input. */
export const refusalsOf = (operation: Operation): readonly RefusalCode[] => [
  ...new Set<RefusalCode>([
    ...operation.refusals,
    ...(operation.access === 'bearer' ? bearerRefusals : []),
    ...(operation.body === undefined ? [] : bodyRefusals),
    ...commonRefusals,
  ]),
]

const bearerRefusals = [
  'token-missing',
  'token-revoked',
  'token-expired',
  'token-invalid',
  'duplicate-authorization',
] as const satisfies readonly RefusalCode[]
const bodyRefusals = [
  'malformed-json',
  'body-too-large',
  'unsupported-media-type',
] as const satisfies readonly RefusalCode[]

const paths = (operations: Operations): object => {
  const all: Record<string, Record<string, object>> = {}
  for (const [name, operation] of Object.entries(operations)) {
    const path = (all[operation.path] ??= {})
    path[operation.method.toLowerCase()] = describe(name, operation)
  }
  return all
}

const describe = (name: string, operation: Operation): object => ({
  operationId: name,
  summary: operation.summary,
  ...(operation.description === undefined ? {} : { description: operation.description }),
  ...(operation.access === 'public' ? {} : { security: [{ [operation.access]: [] }] }),
  parameters: [...parameters('path', operation.params), ...parameters('query', operation.query)],
  ...(operation.body === undefined
    ? {}
    : { requestBody: { required: true, content: { 'application/json': { schema: operation.body } } } }),
  responses: {
    [operation.answer.status]: {
      description: operation.answer.description,
      content: {
        [operation.answer.stream === 'ndjson' ? 'application/x-ndjson' : 'application/json']: {
          schema: operation.answer.body,
        },
      },
    },
    ...refusalResponses(refusalsOf(operation)),
  },
})

const parameters = (place: 'path' | 'query', schema: TSchema | undefined): readonly object[] => {
  // Parameter schemas are always `Type.Object`; OpenAPI wants their members one by one.
  const { properties = {}, required = [] } = (schema ?? {}) as {
    properties?: Record<string, object>
    required?: string[]
  }
  return Object.entries(properties).map(([name, member]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: member,
  }))
}

const refusalResponses = (codes: readonly RefusalCode[]): Record<string, object> =>
  Object.fromEntries(
    Map.groupBy(codes, (code) => String(refusals[code].status))
      .entries()
      .map(([status, same]) => [
        status,
        {
          description: same.map((code) => `\`${code}\`: ${refusals[code].when}`).join('\n\n'),
          content: { [problemType]: { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      ]),
  )

const problemSchema = {
  type: 'object',
  description: 'RFC 9457. `code` is stable; `message` (services) or `error` (gateway) repeats the title.',
  required: ['type', 'title', 'status', 'code', 'request_id'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
    request_id: { type: 'string' },
    message: { type: 'string' },
    error: { type: 'string' },
  },
} as const
