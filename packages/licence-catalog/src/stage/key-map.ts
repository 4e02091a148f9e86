const smallest = 64;
const parts = 64;

/**
 * Person key → row of the stage, in 12 bytes a place outside the heap: a million persons take 25 MB, where a `Map` takes
 * 100 MB of heap. Row 0 stands for "not staged any more". In parts that grow one by one: one table of a million would hold
 * up the event loop while it is laid out anew, and need half as much memory again.
 */
export class KeyMap {
  readonly #parts = Array.from({ length: parts }, () => new Part());

  /** 0 where the key is not there. */
  get(key: number): number {
    return this.#part(key).get(key);
  }

  set(key: number, row: number): void {
    this.#part(key).set(key, row);
  }

  #part(key: number): Part {
    // Other bits than those that choose the place inside of a part.
    const part = this.#parts[Math.floor(key / 67_108_864) & (parts - 1)];
    if (part === undefined) throw new Error('There is a part for every key');
    return part;
  }
}

/** Open addressing with linear probing. */
class Part {
  #keys = new Float64Array(smallest);
  #rows = new Uint32Array(smallest);
  #used = 0;

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
