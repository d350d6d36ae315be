/** What the process that keeps the workers asks one of them. */
export type Question = { readonly id: number; readonly ask: 'readiness' | 'metrics' }

/** What a worker answers, or says unasked: that it takes requests now. */
export type Word = { readonly id: number; readonly answer: unknown } | { readonly isReady: true }
