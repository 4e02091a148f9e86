/**
 * Sets this process's wall clock ahead by so many seconds (negative: back), as on a machine whose clock is wrong: for
 * our code, for MSAL, for the driver. Timers and the monotonic clock go on as they were.
 */
export const skewWallClock = (seconds: number): void => {
  const machine = Date.now;
  const skewed = (): number => machine() + seconds * 1000;
  Date.now = skewed;
  globalThis.Date = new Proxy(Date, {
    construct: (target, given: readonly unknown[], made) =>
      Reflect.construct(target, given.length === 0 ? [skewed()] : given, made),
    apply: (target) => new target(skewed()).toString(),
  });
};
