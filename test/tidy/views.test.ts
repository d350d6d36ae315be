import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { viewsOf } from './views.ts'

const rows: readonly (readonly [file: string, code: string, comments: string])[] = [
  ["a // it's", 'a        ', "  // it's"],
  ['a(\'//\', "/*")', 'a(\'  \', "  ")', '             '],
  ['a /* `\n */ b', 'a     \n    b', '  /* `\n */  '],
  ['`a ${b /* c */} ${`d`} //`', '`   {b        }  {` `}   `', '       /* c */            '],
  ['`${{ a: 1 }} //`', '` {{ a: 1 }}   `', '                '],
  ['/[\'"`/]/.test(a) // b', '/      /.test(a)     ', '                 // b'],
  ['a / b / c // d', 'a / b / c     ', '          // d'],
  ["'\\'//' + 1", "'    ' + 1", '          '],
]

test('what is a comment and what only looks like one are told apart', () => {
  for (const [file, code, comments] of rows) {
    const views = viewsOf(file)
    assert.equal(views.comments, comments, file)
    assert.equal(views.code.replaceAll('$', ' '), code, file)
  }
})

test('each view of a file is as long as the file and has its lines', () => {
  for (const name of readdirSync(import.meta.dirname)) {
    const text = readFileSync(join(import.meta.dirname, name), 'utf8')
    for (const view of Object.values(viewsOf(text))) {
      assert.equal(view.length, text.length, name)
      assert.deepEqual(view.match(/\n/g)?.length, text.match(/\n/g)?.length, name)
    }
  }
})
