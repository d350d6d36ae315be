/** Reads a number of things from the command line. */
export const countOption = (name: string, text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} takes a number, not ${text}`)
  return Number(text)
}
