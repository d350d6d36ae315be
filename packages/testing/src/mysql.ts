import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { commonArgs, createDataFolder } from './mysql-data-folder.ts'
import { createMysqlDatabase, executeSql, type TestDatabase } from './mysql-database.ts'
import { findOrInstall } from './programs.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'

/** A MariaDB or MySQL of one's own. */
export type TestMysql = ServerProcess & {
  /** As its administrator, naming no database. */
  readonly url: string
  readonly port: number
  /** Makes a database with a user who owns it and nothing else; returns that user's URL. */
  readonly createDatabase: (name: string) => Promise<string>
  /** Executes one statement as the administrator. */
  readonly execute: (statement: string) => Promise<readonly Readonly<Record<string, unknown>>[]>
}

const programs = ['mariadbd', 'mysqld'] as const
const debianPackage = 'mariadb-server-core'

/** Starts an empty MariaDB or MySQL on a free port with a throw-away data folder. */
export const startMysql = async (): Promise<TestMysql> => {
  const program = findOrInstall(programs, debianPackage)
  if (program === undefined) throw new Error(mysqlMissing)
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-mysql-'))
  const dataFolder = join(folder, 'data')
  const port = await freePort()
  // The at-sign keeps everyone honest about percent-encoding.
  const password = `${randomBytes(12).toString('hex')}@/`
  const url = `mysql://gatehouse:${encodeURIComponent(password)}@127.0.0.1:${port}/`
  const firstStatements = join(folder, 'first-statements.sql')
  try {
    createDataFolder(program, dataFolder)
    await writeFile(firstStatements, userStatements(password), { mode: 0o600 })
    const server = await startServerProcess({
      program,
      args: serverArgs({ program, dataFolder, folder, port, firstStatements }),
      folder,
      isReady: async () => (await executeSql(url, 'select 1')).length === 1,
    })
    return {
      ...server,
      url,
      port,
      createDatabase: (name) => createMysqlDatabase(url, name),
      execute: (statement) => executeSql(url, statement),
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/**
 * An empty database of one's own on the server that all tests share (`TEST_MYSQL_URL`, which `make test` sets), or
 * on a server started for it alone. For tests that break nothing but their own data.
 */
export const freshMysqlDatabase = async (): Promise<TestDatabase> => {
  const name = `test_${randomBytes(6).toString('hex')}`
  const shared = process.env['TEST_MYSQL_URL']
  if (shared !== undefined) {
    const url = await createMysqlDatabase(shared, name)
    return {
      url,
      drop: async () => {
        await executeSql(shared, `drop database if exists ${name}`)
        await executeSql(shared, `drop user if exists '${name}'@'%'`)
      },
    }
  }
  const server = await startMysql()
  return { url: await server.createDatabase(name), drop: server.stop }
}

const mysqlMissing = `No mariadbd or mysqld here, and it cannot be installed without root and apt-get.
One of these lines is needed; the tests that kill and pause a server need the first.
  sudo apt-get install ${debianPackage}
  TEST_MYSQL_URL=mysql://root:password@127.0.0.1:3306/ make test`

type ServerPlan = {
  readonly program: string
  readonly dataFolder: string
  readonly folder: string
  readonly port: number
  readonly firstStatements: string
}

const serverArgs = ({ program, dataFolder, folder, port, firstStatements }: ServerPlan): readonly string[] => [
  ...commonArgs(program, dataFolder),
  `--socket=${join(folder, 's')}`,
  `--pid-file=${join(folder, 'pid')}`,
  `--port=${port}`,
  `--init-file=${firstStatements}`,
  '--bind-address=127.0.0.1',
  '--skip-name-resolve',
  '--skip-log-bin',
  '--max-connections=500',
  '--performance-schema=0',
  '--character-set-server=utf8mb4',
]

const userStatements = (password: string): string => `
create user if not exists 'gatehouse'@'%' identified by '${password}';
grant all privileges on *.* to 'gatehouse'@'%' with grant option;
alter user 'root'@'localhost' identified by '${password}';
`
