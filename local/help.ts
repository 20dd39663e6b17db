/**
 * Whether somebody asked how the program is called, and has now been told.
 *
 * @example
 * if (helpAsked('usage: npm run permissions')) return;
 */
export function helpAsked(usage: string, argv: readonly string[] = process.argv.slice(2)): boolean {
  if (!argv.some((argument) => argument === '--help' || argument === '-h')) return false;
  process.stdout.write(`${usage}\n`);
  return true;
}
