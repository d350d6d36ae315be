import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshMysqlDatabase } from '@gatehouse/testing/mysql.ts'
import { databaseSuite } from './database-suite.ts'

databaseSuite('sqlite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-sql-'))
  return { url: `sqlite:///${folder}/made/on/the/way/test.db`, drop: () => rm(folder, { recursive: true }) }
})

databaseSuite('mysql', freshMysqlDatabase)
