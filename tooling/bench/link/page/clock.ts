/** The current time in ms, on a clock that all pages on one machine share. */
export const now = (): number => performance.timeOrigin + performance.now()

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
