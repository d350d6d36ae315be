const newline = 0x0a

/**
 * Cuts a stream of bytes into lines. Returns a function that takes the next chunk and calls `take` with each line that
 * is whole; it throws when a line is longer than `lineBytesMax`, so a peer that never ends its line cannot fill the
 * memory.
 */
export const lineCutter = (lineBytesMax: number, take: (line: string) => void): ((chunk: Buffer) => void) => {
  let kept: Buffer[] = []
  let keptBytes = 0

  const keep = (piece: Buffer): void => {
    keptBytes += piece.length
    if (keptBytes > lineBytesMax) throw new Error(`a line is longer than ${lineBytesMax} bytes`)
    kept.push(piece)
  }
  return (chunk) => {
    let from = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      keep(chunk.subarray(from, end))
      const line = (kept.length === 1 ? kept[0] : undefined) ?? Buffer.concat(kept)
      from = end + 1
      kept = []
      keptBytes = 0
      take(line.toString())
    }
    if (from < chunk.length) keep(chunk.subarray(from))
  }
}
