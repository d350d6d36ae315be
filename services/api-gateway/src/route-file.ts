import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, type Document } from 'yaml'
import type { RouteFile } from './own-route.ts'
import { routeFile } from './route-grammar.ts'
import type { Reading } from './shape.ts'

/** Either what a file says, or all that is wrong with it, each as `file:line:column: what`. */
export type ParsedRoutes =
  | { readonly file: RouteFile; readonly places: Places; readonly faults?: never }
  | { readonly faults: readonly string[]; readonly file?: never; readonly places?: never }

/** Where each route stands, by its prefix, as `file:line`. */
export type Places = ReadonlyMap<string, string>

/** Reads a route file, YAML or JSON. What can stand in it: route-grammar.ts. A file with one fault gives nothing. */
export const parseRoutes = (text: string, filename: string): ParsedRoutes => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const found: Found[] = document.errors.map(({ pos, message }) => ({ at: pos[0], what: message }))
  const file = found.length === 0 ? read(document, found) : undefined
  if (file !== undefined) return { file, places: placesIn(document, (at) => `${filename}:${lines.linePos(at).line}`) }
  return {
    faults: found
      .toSorted((one, other) => one.at - other.at)
      .map(({ at, what }) => {
        const { line, col } = lines.linePos(at)
        return `${filename}:${line}:${col}: ${what}`
      }),
  }
}

type Found = { readonly at: number; readonly what: string }

const read = (document: Document.Parsed, found: Found[]): RouteFile | undefined => {
  const reading: Reading = {
    fault: (where, what) => void found.push({ at: where.range?.[0] ?? 0, what }),
    resolve: (node) => (isAlias(node) ? (node.resolve(document) ?? node) : node),
  }
  const { contents } = document
  if (contents !== null) return routeFile.read(reading.resolve(contents), '', reading)
  found.push({ at: 0, what: 'the file must be an object' })
  return undefined
}

const placesIn = ({ contents }: Document.Parsed, placeAt: (offset: number) => string): Places => {
  const routes = isMap(contents) ? contents.get('routes', true) : undefined
  const places = new Map<string, string>()
  for (const route of isSeq(routes) ? routes.items : []) {
    const prefix = isMap(route) ? route.get('prefix', true) : undefined
    if (isScalar(prefix)) places.set(String(prefix.value), placeAt(prefix.range?.[0] ?? 0))
  }
  return places
}
