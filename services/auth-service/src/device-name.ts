/**
 * Says in a few words what a user agent is, for a person who looks for the device that is not theirs. A guess: clients
 * may say anything.
 */
export const deviceName = (userAgent: string | undefined): string => {
  if (userAgent === undefined || userAgent === '') return 'Unknown device'
  const program = programs.find(([, pattern]) => pattern.test(userAgent))?.[0]
  const system = systems.find(([, pattern]) => pattern.test(userAgent))?.[0]
  if (program !== undefined && system !== undefined) return `${program} on ${system}`
  // `curl/8.5` and its like: the first product token is its name (RFC 9110, section 10.1.5).
  const [, product] = /^([\w.-]{1,40})(?:\/|\s|$)/.exec(userAgent) ?? []
  return program ?? system ?? product ?? 'Unknown device'
}

// In this order: most browsers also name those that they want to be taken for.
const programs: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Chrome|CriOS|Chromium)\//],
  ['Safari', /\bVersion\/[\d.]+.*\bSafari\//],
]

const systems: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['Windows', /\bWindows NT\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['macOS', /\bMac OS X\b/],
  ['Linux', /\bLinux\b/],
]
