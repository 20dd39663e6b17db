/** Texts by key, for a while. What is in it may be gone at any time. */
export interface Cache {
  /** In the order of the keys; null for those that are not there. @throws where the cache does not answer */
  getMany(keys: readonly string[]): Promise<readonly (string | null)[]>;
  /** @throws where the cache does not answer */
  setMany(entries: readonly CacheEntry[], ttlMs: number): Promise<void>;
  /** `ok`, or what is wrong. */
  health(): Promise<string>;
  close(): Promise<void>;
}

export interface CacheEntry {
  readonly key: string;
  readonly value: string;
}
