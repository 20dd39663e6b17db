/** Why there is no difference to show: a mistake of whoever called, or a side that does not synthesise. One line, exit 2. */
export class DiffFailure extends Error {
  override readonly name = 'DiffFailure';
}

/** The first two lines of an error: what follows is a stack, or a listing. */
export function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .trim()
    .split(/\s*\n\s*/)
    .slice(0, 2)
    .join(' ')
    .slice(0, 400);
}
