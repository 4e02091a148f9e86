/** Draws that repeat themselves with their seed (mulberry32). */
export interface Draw {
  /** From 0 to below 1. */
  fraction(): number;
  whole(below: number): number;
  /** Throws where there is nothing to choose from. */
  one<T>(choices: readonly T[]): T;
}

export const drawFrom = (seed: number): Draw => {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
  const whole = (below: number): number => Math.floor(fraction() * below);
  return {
    fraction,
    whole,
    one: (choices) => {
      const choice = choices[whole(choices.length)];
      if (choice === undefined) throw new Error('nothing to choose from');
      return choice;
    },
  };
};
