/** The three services, in the order in which they start: each stands on those before it. */
export const services = ['auth-service', 'user-service', 'api-gateway'] as const

export type ServiceName = (typeof services)[number]

/** What one process runs. */
export const targets = {
  all: services,
  'auth-service': ['auth-service'],
  'user-service': ['user-service'],
  'api-gateway': ['api-gateway'],
} as const satisfies Readonly<Record<string, readonly ServiceName[]>>

export type Target = keyof typeof targets

/** The target of that name, or undefined when there is none. */
export const targetNamed = (name: string): Target | undefined =>
  // `hasOwn` is what makes it a key.
  Object.hasOwn(targets, name) ? (name as Target) : undefined

/** Tells whether a process of this target runs the service. */
export const runs = (target: Target, service: ServiceName): boolean =>
  (targets[target] satisfies readonly ServiceName[] as readonly ServiceName[]).includes(service)
