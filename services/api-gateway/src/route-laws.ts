import { isMap, isScalar, isSeq, type Node } from 'yaml'
import type { Law } from './shape.ts'

/** What must hold between the members of a CORS rule. */
export const corsLaws: readonly Law<{
  readonly origins: readonly string[]
  readonly credentials: boolean
}>[] = [
  ({ origins }, at, fault) => {
    if (at.origins !== undefined && origins !== undefined && origins.length > 1 && origins.includes('*'))
      fault(at.origins, '`*` allows every origin: those beside it are never looked at')
  },
  ({ origins, credentials }, at, fault) => {
    if (at.credentials !== undefined && credentials === true && origins?.includes('*') === true)
      fault(at.credentials, '`credentials` with the origin `*`: browsers refuse it, for any page could act as the user')
  },
]

/** What must hold between timeouts. */
export const timeoutLaws: readonly Law<{
  readonly connect_ms: number
  readonly answer_head_ms: number
  readonly deadline_ms: number | undefined
}>[] = [
  ({ connect_ms: connect, answer_head_ms: head, deadline_ms: deadline }, at, fault) => {
    if (at.deadline_ms === undefined || connect === undefined || head === undefined || deadline === undefined) return
    if (connect + head > deadline) {
      const parts = `\`connect_ms\` ${connect} and \`answer_head_ms\` ${head}`
      fault(at.deadline_ms, `\`deadline_ms\` ${deadline} ends before ${parts} have passed`)
    }
  },
]

/** What must hold between the members of a check. */
export const checkLaws: readonly Law<{ readonly every_ms: number; readonly timeout_ms: number }>[] = [
  ({ every_ms: every, timeout_ms: timeout }, at, fault, whole) => {
    if (every !== undefined && timeout !== undefined && timeout > every)
      fault(at.timeout_ms ?? at.every_ms ?? whole, `\`timeout_ms\` ${timeout} is longer than \`every_ms\` ${every}`)
  },
]

/** What must hold between the members of a route. */
export const routeLaws: readonly Law<{
  readonly prefix: string
  readonly strip_prefix: boolean
  readonly methods: readonly string[] | undefined
  readonly cors: object | undefined
}>[] = [
  ({ prefix, strip_prefix: strip }, at, fault) => {
    if (at.strip_prefix !== undefined && strip === true && prefix === '/')
      fault(at.strip_prefix, '`strip_prefix` has nothing to take from the prefix /')
  },
  ({ methods }, at, fault) => {
    const named = memberOf(at.cors, 'methods')
    if (methods === undefined || !isSeq(named)) return
    for (const item of named.items) {
      if (isScalar(item) && typeof item.value === 'string' && !methods.includes(item.value))
        fault(item, `\`cors\` allows ${item.value}, which \`methods\` of this route does not`)
    }
  },
]

/** What must hold between the members of the file. */
export const fileLaws: readonly Law<{ readonly routes: readonly object[] }>[] = [
  (_values, at, fault) => {
    if (!isSeq(at.routes)) return
    const taken = new Set<unknown>()
    for (const item of at.routes.items) {
      const prefix = memberOf(isMap(item) ? item : undefined, 'prefix')
      if (!isScalar(prefix)) continue
      if (taken.has(prefix.value)) fault(prefix, `the prefix ${String(prefix.value)} is taken by a route above`)
      taken.add(prefix.value)
    }
  },
]

/** What stands under this name, as it was written. */
const memberOf = (node: Node | undefined, name: string): unknown => (isMap(node) ? node.get(name, true) : undefined)
