/** Copies a value for the log, with everything named in `secrets` (lower case) taken out wherever it stands. */
export const scrubber = (names: readonly string[]): ((value: object) => Record<string, unknown>) => {
  const secrets = new Set([...alwaysSecret, ...names.map((name) => name.toLowerCase())])
  let left = 0

  const scrub = (value: unknown, depth: number): unknown => {
    if (typeof value !== 'object' || value === null) return value
    if (depth > depthMax) return '[deep]'
    if ((left -= 1) < 0) return '[more]'
    if (value instanceof Error) return scrubError(value, depth)
    if (value instanceof Date || value instanceof URL) return value
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
    return Array.isArray(value) ? scrubList(value, depth) : scrubMembers(value, depth)
  }

  const scrubMembers = (value: object, depth: number): Record<string, unknown> => {
    const clean: Record<string, unknown> = {}
    for (const [name, member] of Object.entries(value)) {
      // Defined, not assigned: a field may be called `__proto__`.
      const kept = secrets.has(name.toLowerCase()) ? removed : scrub(member, depth + 1)
      if (name === '__proto__') Object.defineProperty(clean, name, { value: kept, enumerable: true })
      else clean[name] = kept
    }
    return clean
  }

  // Headers come flat too: name, value, name, value. What follows a secret name is the secret.
  const scrubList = (list: readonly unknown[], depth: number): unknown[] =>
    list.map((item, at) => {
      const before = list[at - 1]
      return typeof before === 'string' && secrets.has(before.toLowerCase()) ? removed : scrub(item, depth + 1)
    })

  const scrubError = (error: Error, depth: number): Record<string, unknown> => ({
    type: error.constructor.name,
    message: error.message,
    stack: error.stack,
    ...scrubMembers(error, depth),
    ...(error.cause === undefined ? {} : { cause: scrub(error.cause, depth + 1) }),
    ...(error instanceof AggregateError ? { errors: scrub(error.errors, depth + 1) } : {}),
  })

  return (value) => {
    left = objectsMax
    return scrubMembers(value, 0)
  }
}

/**
 * Credentials whoever sends them, with or without a contract; and statements, which drivers quote with their values.
 */
const alwaysSecret = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'sql'] as const

const removed = '[secret]'

/** Levels of objects within an event. A circle ends here too. */
const depthMax = 6

/** Objects within an event: an error may hang on a socket, and a socket on everything. */
const objectsMax = 200
