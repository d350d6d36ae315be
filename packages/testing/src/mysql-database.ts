import { randomBytes } from 'node:crypto'

/** A database of one test. */
export type TestDatabase = { readonly url: string; readonly drop: () => Promise<void> }

/** Makes a database with a user who owns it and nothing else; returns that user's URL. */
export const createMysqlDatabase = async (adminUrl: string, name: string): Promise<string> => {
  if (!/^\w{1,32}$/.test(name)) throw new Error(`${name} is not a plain database name`)
  const password = `${randomBytes(12).toString('hex')}@/`
  await executeSql(adminUrl, `create database ${name} character set utf8mb4`)
  await executeSql(adminUrl, `create user '${name}'@'%' identified by '${password}'`)
  await executeSql(adminUrl, `grant all privileges on ${name}.* to '${name}'@'%'`)
  const url = new URL(adminUrl)
  return `mysql://${name}:${encodeURIComponent(password)}@${url.host}/${name}`
}

/** Executes one statement on a connection of its own. */
export const executeSql = async (
  url: string,
  statement: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const { hostname, port, username, password, pathname } = new URL(url)
  const { createConnection } = await import('mysql2/promise')
  const connection = await createConnection({
    host: hostname,
    port: Number(port === '' ? 3306 : port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    connectTimeout: 5_000,
    ...(pathname.length > 1 ? { database: pathname.slice(1) } : {}),
  })
  try {
    const [result] = await connection.query(statement)
    // The driver types a result as one of many shapes; rows are the only one that is an array here.
    return Array.isArray(result) ? (result as Readonly<Record<string, unknown>>[]) : []
  } finally {
    connection.destroy()
  }
}
