// Where every process begins. Plain JavaScript, and this short, for one reason: what it loads comes out of Node's compile
// cache, so a start that has been here before compiles nothing and never loads the type stripper (25 MB, a third of a second).
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// In the checkout, not in a temporary folder that others can write to: what lies there is executed. Where it cannot be
// written, as in an image, it is read, if the same user wrote it; where there is none, the start is slower and all else
// the same.
enableCompileCache(fileURLToPath(new URL('../.tools/compile-cache', import.meta.url)))
await import('./src/main.ts')
