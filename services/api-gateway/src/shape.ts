import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml'

/**
 * How a value in a YAML file is read, and what editors are told about it in JSON Schema: one source for both, so that
 * neither can come to say something else than the other.
 */
export type Shape<Value> = {
  readonly schema: Schema
  /** The value; undefined once something was said to be at fault. `name` is how the writer would call it. */
  readonly read: (node: Node, name: string, reading: Reading) => Value | undefined
}

/** A part of a JSON Schema, draft 2020-12. */
export type Schema = { readonly [keyword: string]: unknown }

/** What reading needs beside the node at hand. */
export type Reading = {
  readonly fault: (where: Node, what: string) => void
  /** What stands there, behind an alias (`*name`) where there is one. */
  readonly resolve: (node: Node) => Node
}

/** Text that this pattern describes whole, as in the example; `wrong` says in better words why some text is refused. */
export const text = (
  pattern: RegExp,
  example: string,
  { charactersMax = 2_048, wrong = () => undefined }: TextParticulars = {},
): Shape<string> => ({
  schema: { type: 'string', pattern: pattern.source, maxLength: charactersMax, examples: [example] },
  read: (node, name, { fault }) => {
    const value = isScalar(node) ? node.value : undefined
    if (typeof value !== 'string') fault(node, `\`${name}\` must be text, as in \`${example}\``)
    else if (value.length > charactersMax) fault(node, `\`${name}\` is longer than ${charactersMax} characters`)
    else if (pattern.test(value) && wrong(value) === undefined) return value
    else fault(node, wrong(value) ?? `\`${name}\` cannot be ${value}; it is written as in \`${example}\``)
    return undefined
  },
})

type TextParticulars = {
  readonly charactersMax?: number
  readonly wrong?: (text: string) => string | undefined
}

/** One of these words. */
export const oneOf = <const Word extends string>(...words: readonly Word[]): Shape<Word> => ({
  schema: { enum: words },
  read: (node, name, { fault }) => {
    const value = isScalar(node) ? node.value : undefined
    const found = words.find((word) => word === value)
    if (found === undefined) fault(node, `\`${name}\` must be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`)
    return found
  },
})

/** `true` or `false`. */
export const truth: Shape<boolean> = {
  schema: { type: 'boolean' },
  read: (node, name, { fault }) => {
    if (isScalar(node) && typeof node.value === 'boolean') return node.value
    fault(node, `\`${name}\` must be true or false`)
    return undefined
  },
}

/** A whole number within bounds, both included. */
export const whole = (least: number, most: number): Shape<number> => ({
  schema: { type: 'integer', minimum: least, maximum: most },
  read: (node, name, { fault }) => {
    const value = isScalar(node) ? node.value : undefined
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
    fault(node, `\`${name}\` must be a whole number from ${least} to ${most}`)
    return undefined
  },
})

/** A list of different items, so many at least and at most. */
export const listOf = <Item>(item: Shape<Item>, least: number, most: number): Shape<readonly Item[]> => ({
  schema: { type: 'array', items: item.schema, minItems: least, maxItems: most, uniqueItems: true },
  read: (node, name, reading) => {
    if (!isSeq(node)) reading.fault(node, `\`${name}\` must be a list`)
    else if (node.items.length < least) reading.fault(node, `\`${name}\` must name at least ${least}`)
    else if (node.items.length > most) reading.fault(node, `\`${name}\` has more than ${most} items`)
    else return readItems(item, nodesOf(node.items, node), name, reading)
    return undefined
  },
})

/** One item, or a list of them. */
export const oneOrMore = <Item>(item: Shape<Item>, most: number): Shape<readonly Item[]> => {
  const list = listOf(item, 1, most)
  return {
    schema: { anyOf: [item.schema, list.schema] },
    read: (node, name, reading) =>
      isSeq(node) ? list.read(node, name, reading) : readItems(item, [node], name, reading),
  }
}

const readItems = <Item>(item: Shape<Item>, nodes: readonly Node[], name: string, reading: Reading) => {
  const read: Item[] = []
  for (const node of nodes) {
    const target = reading.resolve(node)
    const value = item.read(target, name, reading)
    if (value === undefined) continue
    // Objects have rules of their own about being the same.
    if (typeof value !== 'object' && read.includes(value)) reading.fault(node, `${String(value)} is there already`)
    read.push(value)
  }
  return read.length === nodes.length ? read : undefined
}

/** The same, as the program calls it. */
export const as = <Written, Meant>(shape: Shape<Written>, meant: (written: Written) => Meant): Shape<Meant> => ({
  schema: shape.schema,
  read: (node, name, reading) => {
    const written = shape.read(node, name, reading)
    return written === undefined ? undefined : meant(written)
  },
})

/** A member of an object. */
type Member<Value> = {
  readonly shape: Shape<Exclude<Value, undefined>>
  /** What it is for, told by editors. */
  readonly meaning: string
  readonly isNeeded: boolean
  /** What it is when it is left out. */
  readonly otherwise?: Value
}

/** A member that cannot be left out. */
export const needed = <Value>(shape: Shape<Exclude<Value, undefined>>, meaning: string): Member<Value> => ({
  shape,
  meaning,
  isNeeded: true,
})

/** A member that is this when it is left out. */
export const otherwise = <Value>(
  value: NoInfer<Value>,
  shape: Shape<Exclude<Value, undefined>>,
  meaning: string,
): Member<Value> => ({ shape, meaning, isNeeded: false, otherwise: value })

/** A member that can be left out. */
export const optional = <Value>(shape: Shape<Value>, meaning: string): Member<Value | undefined> => ({
  // TypeScript does not see that a shape never reads undefined as a value.
  shape: shape as Shape<Exclude<Value, undefined>>,
  meaning,
  isNeeded: false,
})

/** Where the members of an object stand; those that were left out stand nowhere. */
export type Places<Values> = { readonly [Name in keyof Values & string]?: Node }

/** Something that must hold between members. Those at fault are undefined. */
export type Law<Values> = (values: Partial<Values>, at: Places<Values>, fault: Reading['fault'], whole: Node) => void

/**
 * An object of these members and no others: a name that nothing reads is a rule that its writer believes in and nobody
 * follows.
 */
export const object = <Values>(
  members: { readonly [Name in keyof Values]: Member<Values[Name]> },
  ...laws: readonly Law<NoInfer<Values>>[]
): Shape<Values> => {
  // The names of an object literal are its keys.
  const names = Object.keys(members) as (keyof Values & string)[]
  return {
    schema: {
      type: 'object',
      additionalProperties: false,
      required: names.filter((name) => members[name].isNeeded),
      properties: Object.fromEntries(names.map((name) => [name, schemaOf(members[name])])),
    },
    read: (node, name, reading) => {
      if (!isMap(node)) {
        reading.fault(node, `${name === '' ? 'the file' : `\`${name}\``} must be an object`)
        return undefined
      }
      let sound = true
      const watched: Reading = { ...reading, fault: (...what) => ((sound = false), reading.fault(...what)) }
      // Keys are scalars: `stringKeys` has made anything else an error.
      const at = placesOf(node.items as readonly Pair<Node, Node | null>[], names, watched)
      const values: Partial<Values> = {}
      for (const member of names) {
        const value = readMember(members[member], at[member], node, member, watched)
        if (value !== undefined) values[member] = value
      }
      for (const law of laws) law(values, at, watched.fault, node)
      // Every member was read, or sound is false.
      return sound ? (values as Values) : undefined
    },
  }
}

const schemaOf = <Value>({ shape, meaning, otherwise }: Member<Value>): Schema => ({
  description: meaning,
  ...shape.schema,
  ...(otherwise === undefined ? {} : { default: otherwise }),
})

const placesOf = <Name extends string>(
  pairs: readonly Pair<Node, Node | null>[],
  names: readonly Name[],
  { fault, resolve }: Reading,
): { readonly [N in Name]?: Node } => {
  const at: { [N in Name]?: Node } = {}
  for (const { key, value } of pairs) {
    const name = names.find((known) => isScalar(key) && known === key.value)
    if (name !== undefined) at[name] = resolve(value ?? key)
    else fault(key, `unknown member \`${isScalar(key) ? String(key.value) : '?'}\`; known are ${names.join(', ')}`)
  }
  return at
}

const readMember = <Value>(
  { shape, isNeeded, otherwise }: Member<Value>,
  node: Node | undefined,
  whole: Node,
  name: string,
  reading: Reading,
): Value | undefined => {
  if (node !== undefined) return shape.read(node, name, reading)
  if (!isNeeded) return otherwise
  reading.fault(whole, `\`${name}\` is missing`)
  return undefined
}

/** yaml types what stands in a list as unknown; it is a node, or null where nothing stands. */
const nodesOf = (items: readonly unknown[], list: Node): readonly Node[] =>
  (items as readonly (Node | null)[]).map((node) => node ?? list)
