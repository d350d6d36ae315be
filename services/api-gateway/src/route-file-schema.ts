import { routeFile } from './route-grammar.ts'
import type { Schema } from './shape.ts'

/**
 * The route file for editors, as JSON Schema. Made from the shapes that read it; what stands between members (a prefix
 * twice, parts longer than a deadline) only the reading can tell.
 */
export const routeFileSchema: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Routes of a Gatehouse gateway',
  ...routeFile.schema,
}
