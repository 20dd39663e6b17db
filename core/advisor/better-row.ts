/** A stored row of figures and when it was fetched. */
export interface Figures {
  readonly figures: Readonly<Record<string, string | null>>;
}

/** Figures that say something. */
export const knownFigures = ({ figures }: Figures): number =>
  Object.values(figures).filter((value) => value !== null).length;

/**
 * Whether what the provider offers now is worse than what is stored: it says less. A provider's partial answer must not
 * wipe out figures that it gave before; a restatement says as much as before, or more, and replaces them.
 */
export const isWorse = (stored: Figures, offered: Figures): boolean => knownFigures(offered) < knownFigures(stored);
