/** Remembers the newest state that was told of each portfolio, of as many as were told last. */
export interface Newest {
  /** Notes a state; of one portfolio the higher revision stays. */
  note(portfolioId: string, revision: number): void;
  /** Whether no later state was noted. */
  isNewest(portfolioId: string, revision: number): boolean;
}

/** Far more than are valued while one minute is under way. */
const REMEMBERED = 100_000;

export function createNewest(most = REMEMBERED): Newest {
  const revisions = new Map<string, number>();
  const isNewest = (portfolioId: string, revision: number) => revision >= (revisions.get(portfolioId) ?? 0);
  return {
    isNewest,
    note(portfolioId, revision) {
      if (!isNewest(portfolioId, revision)) return;
      // Behind all others, so that what was noted the longest ago is forgotten first.
      revisions.delete(portfolioId);
      revisions.set(portfolioId, revision);
      const [oldest] = revisions.keys();
      if (revisions.size > most && oldest !== undefined) revisions.delete(oldest);
    },
  };
}
