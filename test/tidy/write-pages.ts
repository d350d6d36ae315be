// Writes the pages that are made from the contract and the settings: ./gatehouse node test/tidy/write-pages.ts
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { factsOf } from './facts.ts'

const root = join(import.meta.dirname, '../..')
for (const [path, make] of Object.entries(factsOf(root).pages)) {
  const file = join(root, path)
  const present = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  const page = make(present)
  if (page === present) continue
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, page)
  process.stdout.write(`wrote ${path}\n`)
}
