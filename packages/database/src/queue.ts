/**
 * First come, first served. `enter` waits its turn and gives the function that ends it; rejects with the signal's
 * reason when that is aborted while waiting, and leaves the queue then.
 */
export class Queue {
  #waiting: (() => void)[] = [];
  #taken = false;

  enter(signal?: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const turn = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve(this.#exit());
      };
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== turn);
        reject(signal?.reason);
      };
      if (this.#taken) {
        this.#waiting.push(turn);
        signal?.addEventListener('abort', leave, { once: true });
      } else {
        this.#taken = true;
        resolve(this.#exit());
      }
    });
  }

  #exit(): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = this.#waiting.shift();
      if (next === undefined) this.#taken = false;
      else next();
    };
  }
}
