import type { Operation } from './operation.ts'
import { Type } from './schema.ts'

/** `GET /health` of a service, with the sentence the reference system answers. */
export const health = <Sentence extends string>(sentence: Sentence) =>
  ({
    method: 'GET',
    path: '/health',
    summary: 'Tell whether the service can do its work',
    access: 'public',
    answer: {
      status: 200,
      description: 'It runs and reaches its database.',
      body: Type.Object({ status: Type.Literal(sentence) }),
    },
    refusals: ['database-unavailable'],
  }) as const satisfies Operation
