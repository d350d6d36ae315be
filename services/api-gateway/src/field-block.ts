/** Fields that go on to a service as they are, in both forms that one may need. */
export type FieldBlock = {
  /** Name, value, name, value. */
  readonly flat: readonly string[]
  /** As they are written, each with its line's end. */
  readonly lines: () => string
}

/** Makes one. The lines are written out when somebody asks for them, and once. */
export const fieldBlock = (flat: readonly string[]): FieldBlock => {
  let lines: string | undefined
  return { flat, lines: () => (lines ??= linesOf(flat)) }
}

/** Joined, and not added up: V8 would keep the sum in parts, and copy them together in each request that it is in. */
const linesOf = (flat: readonly string[]): string => {
  const parts: string[] = []
  for (let at = 0; at + 1 < flat.length; at += 2) parts.push(flat[at] ?? '', ': ', flat[at + 1] ?? '', '\r\n')
  return parts.join('')
}
