import { authOperations } from './auth.ts'
import type { Operations } from './operation.ts'
import { Type } from './schema.ts'

/** The operations that the gateway answers itself. Everything else it serves, it forwards. */
export const gatewayOperations = {
  health: {
    method: 'GET',
    path: '/health',
    summary: 'Tell which services can do their work',
    description:
      'Always 200: it says that the gateway runs, and what it last saw of the services, at most a second old.',
    access: 'public',
    answer: {
      status: 200,
      description: 'The gateway runs.',
      body: Type.Object({
        gateway: Type.Literal('healthy'),
        services: Type.Object({ auth_service: Type.Boolean(), user_service: Type.Boolean() }),
      }),
    },
    refusals: [],
  },

  jwks: {
    ...authOperations.jwks,
    path: '/.well-known/jwks.json',
    refusals: ['service-unavailable', 'upstream-failed', 'upstream-timeout'],
  },
} as const satisfies Operations
