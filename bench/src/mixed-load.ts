import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { programOf } from './program-of.ts'

type Plan = {
  readonly port: number
  /** Of people with a profile; each request is made with one of them, by chance. */
  readonly tokens: readonly string[]
  readonly connections: number
  readonly seconds: number
}

/** Reads of profiles, with writes and validations between them, for so long. Answers how many; fails unless all were 2xx. */
export const mixedLoad = async ({ port, tokens, connections, seconds }: Plan): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-load-'))
  try {
    const script = join(folder, 'mix.lua')
    await writeFile(join(folder, 'tokens'), tokens.join('\n'))
    await writeFile(script, mix(join(folder, 'tokens')))
    const args = [
      '-t1',
      `-c${connections}`,
      `-d${seconds}s`,
      '--timeout=30s',
      '-s',
      script,
      `http://127.0.0.1:${port}/`,
    ]
    const wrk = spawn(programOf('wrk'), args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const said = await text(wrk.stdout)
    const requests = Number(/(\d+) requests in/.exec(said)?.[1])
    if (!(requests > 0) || /Socket errors|Non-2xx/.test(said)) throw new Error(`the load was not answered:\n${said}`)
    return requests
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** For wrk, in Lua: of a hundred requests 90 read a profile, 5 write one, 3 validate a token and 2 ask for the health. */
const mix = (tokensPath: string): string => `
math.randomseed(1)
local tokens = {}
for token in io.lines(${JSON.stringify(tokensPath)}) do tokens[#tokens + 1] = token end
request = function()
  local headers = { Authorization = "Bearer " .. tokens[math.random(#tokens)] }
  local die = math.random(100)
  if die <= 90 then return wrk.format("GET", "/users/profile", headers) end
  if die <= 95 then
    headers["Content-Type"] = "application/json"
    return wrk.format("PUT", "/users/profile", headers, '{"bio":"' .. string.rep("x", math.random(1000)) .. '"}')
  end
  if die <= 98 then return wrk.format("POST", "/auth/validate", headers, "") end
  return wrk.format("GET", "/health", {})
end
`
