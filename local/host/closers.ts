/** What was opened, to be closed the other way round. */
export interface Closers {
  add(close: () => Promise<void> | void): void;
  closeAll(): Promise<void>;
}

export function createClosers(): Closers {
  const open: (() => Promise<void> | void)[] = [];
  return {
    add: (close) => open.push(close),
    async closeAll() {
      for (let close = open.pop(); close; close = open.pop()) await close();
    },
  };
}
