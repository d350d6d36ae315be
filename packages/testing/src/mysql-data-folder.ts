import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findProgram } from './programs.ts'

// Both refuse to run as root unless told so in as many words.
const asRoot = process.getuid?.() === 0 ? ['--user=root'] : []

// Quick and careless: no fsync, no double write, no binary log. A `kill -9` loses nothing that was committed,
// because the log is handed to the operating system at each commit; only a power cut would.
const quickArgs = [
  '--innodb-flush-log-at-trx-commit=2',
  '--innodb-doublewrite=0',
  '--innodb-use-native-aio=0',
  '--innodb-buffer-pool-size=64M',
]
const smallMariadbLogs = ['--innodb-log-file-size=8M', '--aria-log-file-size=8M']

/** What every start of this server is given, the making of its data folder included. */
export const commonArgs = (program: string, dataFolder: string): readonly string[] => [
  '--no-defaults',
  `--datadir=${dataFolder}`,
  // Not the one of the system: a server that starts deletes the temporary tables it finds there, another server's
  // too.
  `--tmpdir=${dirname(dataFolder)}`,
  ...quickArgs,
  ...(isMariadb(program) ? smallMariadbLogs : ['--mysqlx=0']),
  ...asRoot,
]

/** Makes an empty data folder with the system tables and a `root` without a password. */
export const createDataFolder = (program: string, dataFolder: string): void => {
  if (!isMariadb(program)) {
    run(program, ['--no-defaults', '--initialize-insecure', `--datadir=${dataFolder}`, ...asRoot])
    return
  }
  const systemTables = findSystemTables(program)
  if (systemTables !== undefined) {
    mkdirSync(dataFolder, { mode: 0o700 })
    run(program, [...commonArgs(program, dataFolder), '--bootstrap'], systemTables)
    return
  }
  const installer = findProgram('mariadb-install-db', 'mysql_install_db') ?? 'mariadb-install-db'
  const plain = ['--auth-root-authentication-method=normal', '--skip-test-db']
  run(installer, ['--no-defaults', `--datadir=${dataFolder}`, ...plain, ...asRoot])
}

const isMariadb = (program: string): boolean => program.endsWith('mariadbd')

/**
 * The statements mariadb-install-db would execute, without help texts and the sys schema: 0.4 s instead of several,
 * and Debian's server package alone is enough (the script wants a program of the client package).
 */
const findSystemTables = (program: string): string | undefined => {
  const shares = [join(dirname(program), '..', 'share'), '/usr/share', '/usr/local/share']
  const folders = shares.flatMap((share) => [join(share, 'mysql'), join(share, 'mariadb')])
  const scripts = ['mysql_system_tables.sql', 'mysql_system_tables_data.sql']
  const folder = folders.find((candidate) => scripts.every((script) => existsSync(join(candidate, script))))
  if (folder === undefined) return undefined
  const statements = scripts.map((script) => readFileSync(join(folder, script), 'utf8'))
  return ['create database mysql;', 'use mysql;', 'set @auth_root_socket=NULL;', ...statements].join('\n')
}

const run = (program: string, args: readonly string[], input = ''): void => {
  const { status, error, stdout, stderr } = spawnSync(program, [...args], { input, encoding: 'utf8' })
  if (error !== undefined) throw new Error(`${program} cannot be started`, { cause: error })
  if (status !== 0) throw new Error(`the data folder cannot be made by ${program}:\n${stdout}${stderr}`)
}
