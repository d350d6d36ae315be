import { LineCounter, isMap, isScalar, isSeq, parseDocument, type Node, type Pair, type YAMLMap } from 'yaml'
import { limits } from './limits.ts'
import type { Access } from './routes.ts'

/** A route of one's own, as its file describes it. */
export type OwnRoute = {
  /** Begins with a slash, ends without one. */
  readonly prefix: string
  /** Origins, at least one. */
  readonly upstreams: readonly string[]
  readonly access: Access
  /** Whether the service sees the path without the prefix. */
  readonly stripPrefix: boolean
}

/** Either all routes of a file, or all that is wrong with it, each as `file:line:column: what`. */
export type ParsedRoutes =
  | { readonly routes: readonly OwnRoute[]; readonly faults?: never }
  | { readonly faults: readonly string[]; readonly routes?: never }

/**
 * Reads a route file, YAML or JSON: `routes: [{ prefix, upstream, access, strip_prefix }]`. A file with one fault gives
 * no routes.
 */
export const parseRoutes = (text: string, filename: string): ParsedRoutes => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const faults: string[] = []
  const fault: Fault = (where, what) => {
    const { line, col } = lines.linePos(typeof where === 'number' ? where : (where?.range?.[0] ?? 0))
    faults.push(`${filename}:${line}:${col}: ${what}`)
  }
  for (const { pos, message } of document.errors) fault(pos[0], message)
  const routes = faults.length === 0 ? readDocument(document.contents, fault) : []
  return faults.length === 0 ? { routes } : { faults }
}

type Fault = (where: Node | number | null | undefined, what: string) => void

const readDocument = (contents: Node | null, fault: Fault): readonly OwnRoute[] => {
  if (!isMap(contents)) {
    fault(contents, 'the file must be an object with the member `routes`')
    return []
  }
  const { routes } = membersOf(contents, ['routes'], fault)
  if (!isSeq(routes)) {
    fault(routes ?? contents, '`routes` must be a list')
    return []
  }
  if (routes.items.length > limits.routesMax) fault(routes, `more than ${limits.routesMax} routes`)
  const taken = new Set<string>()
  // yaml types what stands in a list as unknown; it is a node, or null where nothing stands.
  const items = routes.items.slice(0, limits.routesMax) as readonly (Node | null)[]
  return items.flatMap((item) => readRoute(item, routes, taken, fault) ?? [])
}

const readRoute = (item: Node | null, list: Node, taken: Set<string>, fault: Fault): OwnRoute | undefined => {
  if (!isMap(item)) {
    fault(item ?? list, 'a route must be an object')
    return undefined
  }
  const {
    prefix,
    upstream,
    access,
    strip_prefix: strip,
  } = membersOf(item, ['prefix', 'upstream', 'access', 'strip_prefix'], fault)
  const route = {
    prefix: readPrefix(prefix ?? item, taken, fault),
    upstreams: readUpstreams(upstream ?? item, fault),
    access: readAccess(access, fault),
    stripPrefix: readStrip(strip, fault),
  }
  return route
}

const readPrefix = (node: Node, taken: Set<string>, fault: Fault): string => {
  const prefix = textOf(node)
  if (prefix === undefined) {
    fault(node, '`prefix` must be text, as in `/blog`')
    return ''
  }
  const wrong =
    wrongPrefix(prefix) ?? (taken.has(prefix) ? `the prefix ${prefix} is taken by a route above` : undefined)
  if (wrong !== undefined) fault(node, wrong)
  taken.add(prefix)
  return prefix
}

const wrongPrefix = (prefix: string): string | undefined => {
  if (!prefix.startsWith('/')) return `the prefix ${prefix} must begin with a slash`
  if (prefix.length > limits.prefixCharactersMax)
    return `the prefix is longer than ${limits.prefixCharactersMax} characters`
  if (prefix !== '/' && prefix.endsWith('/'))
    return `the prefix ${prefix} must end without a slash; it matches whole segments anyway`
  if (!prefixForm.test(prefix))
    return `the prefix ${prefix} is not a path in normal form, without escapes, query or dot segments`
  const built = builtIn.find((own) => prefix === own || prefix.startsWith(`${own}/`))
  return built === undefined ? undefined : `the prefix ${prefix} would hide the built-in ${built}`
}

/** Segments of characters that need no escape, none of them `.` or `..`, or the root alone. */
const prefixForm = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~!$&'()*+,=:@-]+)+$|^\/$/

const builtIn = ['/auth', '/users', '/health', '/openapi.json', '/.well-known/jwks.json'] as const

const readUpstreams = (node: Node, fault: Fault): readonly string[] => {
  const nodes: readonly unknown[] = isSeq(node) ? node.items : [node]
  if (nodes.length === 0) fault(node, '`upstream` must name at least one URL')
  if (nodes.length > limits.routeUpstreamsMax) fault(node, `more than ${limits.routeUpstreamsMax} upstreams`)
  // As above: what stands in a list is a node.
  return (nodes as readonly Node[]).flatMap((each) => readUpstream(each, fault) ?? [])
}

const readUpstream = (node: Node, fault: Fault): string | undefined => {
  const text = textOf(node)
  const url = text === undefined ? null : URL.parse(text)
  if (url === null) {
    fault(node, '`upstream` must be a URL or a list of them, as in `http://blog:3000`')
    return undefined
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') fault(node, `the upstream ${text} must be http or https`)
  else if (url.username !== '' || url.password !== '') fault(node, 'an upstream must not carry a user name or password')
  else if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    fault(node, `the upstream ${text} must end after the host and port: the path comes from the request`)
  }
  return url.origin
}

const readAccess = (node: Node | undefined, fault: Fault): Access => {
  if (node === undefined) return 'required'
  const text = textOf(node)
  if (text === 'public' || text === 'optional' || text === 'required') return text
  fault(node, '`access` must be public, optional or required')
  return 'required'
}

const readStrip = (node: Node | undefined, fault: Fault): boolean => {
  if (node === undefined) return false
  if (isScalar(node) && typeof node.value === 'boolean') return node.value
  fault(node, '`strip_prefix` must be true or false')
  return false
}

const textOf = (node: Node): string | undefined =>
  isScalar(node) && typeof node.value === 'string' ? node.value : undefined

/**
 * The members of an object by name. A name that nothing reads is a mistake: a rule that its writer believes in and
 * nobody follows.
 */
const membersOf = <Name extends string>(map: YAMLMap, names: readonly Name[], fault: Fault): { [N in Name]?: Node } => {
  const members: { [N in Name]?: Node } = {}
  // Keys are scalars: `stringKeys` has made anything else an error.
  for (const { key, value } of map.items as readonly Pair<Node, Node | null>[]) {
    const name = names.find((known) => isScalar(key) && known === key.value)
    if (name === undefined)
      fault(key, `unknown member \`${isScalar(key) ? String(key.value) : '?'}\`; known are ${names.join(', ')}`)
    else members[name] = value ?? key
  }
  return members
}
