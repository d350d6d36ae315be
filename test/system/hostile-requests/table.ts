import { bounds } from './bounds.ts'
import { chunks } from './chunks.ts'
import { framing, transferCodings } from './framing.ts'
import { headers } from './headers.ts'
import type { HostileRequest } from './hostile-request.ts'
import { hosts } from './hosts.ts'
import { paths } from './paths.ts'
import { proxyRules } from './proxy-rules.ts'
import { requestLines } from './request-lines.ts'
import { sequences } from './sequences.ts'

/** Every hostile request that we have an answer to, by class. */
export const hostileRequests: Readonly<Record<string, readonly HostileRequest[]>> = {
  framing,
  'transfer codings': transferCodings,
  chunks,
  headers,
  Host: hosts,
  'request lines': requestLines,
  paths,
  bounds,
  'proxy rules': proxyRules,
  sequences,
}
