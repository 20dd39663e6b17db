/** Figures as the console says them. */
export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

export function countsInWords(counts: Readonly<Record<string, number>>): string {
  const spoken = Object.entries(counts)
    .filter(([, count]) => count !== 0)
    .map(([name, count]) => `${count} ${name.replaceAll('_', ' ')}`);
  return spoken.length > 0 ? spoken.join(', ') : 'nothing to do';
}
