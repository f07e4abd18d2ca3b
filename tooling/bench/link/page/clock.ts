/** Now, on a clock that all pages of one machine share, in ms. */
export const now = (): number => performance.timeOrigin + performance.now()

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
