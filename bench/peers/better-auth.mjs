// better-auth as its documents have it for e-mail and password on MySQL, behind its own handler for node:http. Its
// limit on requests is off, because one machine sends them all; nothing is reported to its makers, as by default.
// Passwords are hashed as it does (scrypt), and sessions are read from the database each time: its cookie cache is off
// unless somebody asks for it.
import { createServer } from 'node:http'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import { createPool } from 'mysql2/promise'

const options = {
  baseURL: process.env.ORIGIN,
  secret: process.env.SECRET,
  database: createPool({ uri: process.env.DATABASE_URL, timezone: 'Z' }),
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
}

const { runMigrations } = await getMigrations(options)
await runMigrations()
createServer(toNodeHandler(betterAuth(options))).listen(Number(process.env.PORT), '127.0.0.1')
