import type { Operations } from '@gatehouse/contract/operation.ts'

/**
 * Tells which methods a path has, so that a wrong one is answered 405 and not 404. Off the hot path: only asked when no
 * route matched.
 */
export const pathTable = (operations: Operations): { readonly methodsAt: (url: string) => readonly string[] } => {
  const rows = Object.values(operations).map(({ method, path }) => ({
    methods: method === 'GET' ? ['GET', 'HEAD'] : [method],
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }))
  return {
    methodsAt: (url) => {
      const path = url.split('?', 1)[0] ?? ''
      return rows.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods)
    },
  }
}
