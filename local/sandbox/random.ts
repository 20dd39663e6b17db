/** Everything in the sandbox is drawn from hashes of a seed and a name: no state, so that any part can be made alone. */
export type Key = string | number;

/** 32 bits of a seed and its keys (FNV-1a, finished by murmur3's mixer). */
export function hash32(...keys: readonly Key[]): number {
  let h = 0x811c9dc5;
  for (const key of keys) {
    const text = `${key}|`;
    for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  }
  return mix(h);
}

/** Murmur3's finalizer: neighbours in, strangers out. */
export function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  between(low: number, high: number): number;
  /** Whole number, both ends included. */
  int(low: number, high: number): number;
  pick<T>(list: readonly T[]): T;
  chance(probability: number): boolean;
  /** Normal by Irwin–Hall, so never further out than six deviations. */
  normal(mean: number, deviation: number): number;
}

/** A stream of numbers that belongs to these keys (mulberry32). */
export function randomOf(...keys: readonly Key[]): Random {
  let state = hash32(...keys);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (low: number, high: number) => low + next() * (high - low);
  return {
    next,
    between,
    int: (low, high) => Math.floor(between(low, high + 1)),
    pick: <T>(list: readonly T[]): T => {
      const item = list[Math.floor(next() * list.length)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
    chance: (probability) => next() < probability,
    normal: (mean, deviation) => {
      let sum = -6;
      for (let i = 0; i < 12; i += 1) sum += next();
      return mean + sum * deviation;
    },
  };
}
