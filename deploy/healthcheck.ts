// What the image's HEALTHCHECK runs: exits 0 when the address answers 2xx, not 0 otherwise. The image has no curl.
const [address = 'http://127.0.0.1:8001/readyz'] = process.argv.slice(2)
const { ok } = await fetch(address, { signal: AbortSignal.timeout(2_000) })
process.exitCode = ok ? 0 : 1
