/** Does the work for 0 to `count - 1`, as many at once as `width` says, and ends with the first failure. */
export const eachAtOnce = async (
  count: number,
  width: number,
  work: (index: number) => Promise<void>,
): Promise<void> => {
  let next = 0
  const workUntilDone = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: width }, workUntilDone))
}
