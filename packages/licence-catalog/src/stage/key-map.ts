const smallest = 1024;

/**
 * Person key → row of the stage, in 12 bytes a place outside the heap: a million persons take 25 MB, where a `Map` takes
 * 100 MB of heap. Open addressing with linear probing; row 0 stands for "not staged any more".
 */
export class KeyMap {
  #keys = new Float64Array(smallest);
  #rows = new Uint32Array(smallest);
  #used = 0;

  /** 0 where the key is not there. */
  get(key: number): number {
    return this.#rows[this.#place(key)] ?? 0;
  }

  set(key: number, row: number): void {
    const place = this.#place(key);
    if (this.#keys[place] === 0) {
      this.#keys[place] = key;
      this.#used += 1;
    }
    this.#rows[place] = row;
    if (this.#used * 2 > this.#keys.length) this.#grow();
  }

  #place(key: number): number {
    const mask = this.#keys.length - 1;
    // Keys are uniform already; both halves take part, so that small keys of tests spread as well.
    let place = (key ^ Math.floor(key / 4294967296)) & mask;
    while (this.#keys[place] !== 0 && this.#keys[place] !== key) place = (place + 1) & mask;
    return place;
  }

  #grow(): void {
    const keys = this.#keys;
    const rows = this.#rows;
    this.#keys = new Float64Array(keys.length * 2);
    this.#rows = new Uint32Array(keys.length * 2);
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] ?? 0;
      if (key === 0) continue;
      const place = this.#place(key);
      this.#keys[place] = key;
      this.#rows[place] = rows[index] ?? 0;
    }
  }
}
