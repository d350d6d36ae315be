/** A TypeScript file seen in three ways. Each is as long as the file, so a place in one is the place in all. */
export type Views = {
  /** Without comments, and with strings, templates and regular expressions emptied between their delimiters. */
  readonly code: string
  /** Without comments. */
  readonly spoken: string
  /** Comments alone. */
  readonly comments: string
}

/**
 * Splits a file into its views. TypeScript 7 has no API to ask, so this reads tokens: exactly for comments, strings and
 * templates; for the slash that may divide or begin a regular expression, by what stands before it.
 */
export const viewsOf = (text: string): Views => {
  const pieces = [...piecesOf(text)]
  const view = (show: (piece: Piece) => string): string => pieces.map(show).join('')
  return {
    code: view(({ kind, text }) => (kind === 'code' ? text : kind === 'comment' ? blank(text) : emptied(text))),
    spoken: view(({ kind, text }) => (kind === 'comment' ? blank(text) : text)),
    comments: view(({ kind, text }) => (kind === 'comment' ? text : blank(text))),
  }
}

type Kind = 'code' | 'comment' | 'literal' | 'template'
type Piece = { readonly kind: Kind; readonly text: string }

type Token = {
  readonly kind: Kind
  readonly pattern: RegExp
  /** Whether it can stand here: after what, and whether a brace would end the expression of a template. */
  readonly canStand?: (before: string, isExpressionOver: boolean) => boolean
}

/** What a file is made of. The first that fits is it. */
const tokens: readonly Token[] = [
  { kind: 'code', pattern: /\s+/y },
  { kind: 'comment', pattern: /\/\/.*|\/\*[^]*?(?:\*\/|$)/y },
  { kind: 'literal', pattern: /'(?:\\[^]|[^'\\\n])*'?|"(?:\\[^]|[^"\\\n])*"?/y },
  // From the backtick, or from the brace that ends an expression, to the next expression or the end.
  { kind: 'template', pattern: /`(?:\\[^]|\$(?!\{)|[^`\\$])*(?:`|\$\{|$)/y },
  {
    kind: 'template',
    pattern: /\}(?:\\[^]|\$(?!\{)|[^`\\$])*(?:`|\$\{|$)/y,
    canStand: (_before, isExpressionOver) => isExpressionOver,
  },
  {
    kind: 'literal',
    pattern: /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y,
    canStand: (before) => mayBeginRegex(before),
  },
  { kind: 'code', pattern: /[\w$]+|[^]/y },
]

function* piecesOf(text: string): Generator<Piece> {
  let before = ''
  // For each template we are inside of: how many braces of the expression at hand are open. The file itself is none.
  const openBraces = [Infinity]
  for (let at = 0; at < text.length;) {
    const piece = pieceAt(text, at, before, openBraces.at(-1) === 0)
    yield piece
    at += piece.text.length
    if (piece.kind === 'template') {
      if (piece.text.startsWith('}')) openBraces.pop()
      if (piece.text.endsWith('${')) openBraces.push(0)
      before = piece.text.slice(-1)
    } else if (piece.kind !== 'comment' && piece.text.trim() !== '') {
      before = piece.text
      if (before === '{' || before === '}') openBraces.push((openBraces.pop() ?? 0) + (before === '{' ? 1 : -1))
    }
  }
}

const pieceAt = (text: string, at: number, before: string, isExpressionOver: boolean): Piece => {
  for (const { kind, pattern, canStand } of tokens) {
    if (canStand?.(before, isExpressionOver) === false) continue
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found !== null) return { kind, text: found[0] }
  }
  throw new Error(`nothing fits at ${at}, where the last token always does`)
}

// After a value a slash divides; after anything else it begins a regular expression.
const mayBeginRegex = (before: string): boolean =>
  /^(?:|[-+*%&|^!~<>=?:;,({[}]|return|typeof|case|in|of|await|yield|void|do|else|throw|new|delete|instanceof)$/.test(
    before,
  )

const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ')

const emptied = (text: string): string =>
  text.length < 2 ? text : text.charAt(0) + blank(text.slice(1, -1)) + text.charAt(text.length - 1)
