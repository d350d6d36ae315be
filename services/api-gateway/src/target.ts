/** A request target, taken apart. */
export type Target = {
  /** RFC 9112, section 3.2. The authority form belongs to CONNECT, which we do not speak. */
  readonly form: 'origin' | 'absolute' | 'asterisk' | 'unknown'
  /** Host and port of the absolute form. */
  readonly authority: string | undefined
  readonly path: string
  /** With its question mark; empty when there is none. */
  readonly query: string
}

/**
 * Takes a request target apart. Nothing is decoded or judged: what is wrong with the parts is for the checks to say.
 */
export const targetOf = (target: string): Target => {
  if (target.startsWith('/')) return { form: 'origin', authority: undefined, ...pathAndQuery(target) }
  if (target === '*') return { form: 'asterisk', authority: undefined, path: '*', query: '' }
  const absolute = /^https?:\/\/([^/?]+)(.*)$/i.exec(target)
  if (absolute === null) return { form: 'unknown', authority: undefined, path: '', query: '' }
  const [, authority, rest = ''] = absolute
  return { form: 'absolute', authority, ...pathAndQuery(rest.startsWith('/') ? rest : `/${rest}`) }
}

/**
 * The path with its harmless escapes undone (RFC 3986, section 6.2.2.2: `%61` is `a`), as both we and the service
 * shall read it. With one spelling for one resource, no escape leads past a rule of the route table.
 */
export const normalPath = (path: string): string =>
  path.includes('%')
    ? path.replaceAll(escapedUnreserved, (escape) => String.fromCharCode(parseInt(escape.slice(1), 16)))
    : path

const escapedUnreserved = /%(?:2[Dd]|3[0-9]|4[1-9A-Fa-f]|5[0-9AaFf]|6[1-9A-Fa-f]|7[0-9AaEe])/g

const pathAndQuery = (target: string): { readonly path: string; readonly query: string } => {
  const mark = target.indexOf('?')
  return mark === -1 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark) }
}
