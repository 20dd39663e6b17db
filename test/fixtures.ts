import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * Real payloads and published worked examples. The providers' terms apply to them, so they lie beside the project, never
 * in it: `SIGNAL9_FIXTURES`, or `../shared/fixtures` next to the repository.
 */
const FIXTURES = resolve(process.env.SIGNAL9_FIXTURES ?? join(__dirname, '..', '..', 'shared', 'fixtures'));

export const haveFixtures = existsSync(FIXTURES);

/** The text of a fixture, `alphavantage/overview.IBM.json` say. @throws Error when it is absent */
export function fixture(path: string): string {
  return readFileSync(join(FIXTURES, path), 'utf8');
}

/** The parsed JSON of a fixture. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- payloads of others, read by tests that know their shape
export const fixtureJson = (path: string): any => JSON.parse(fixture(path));

/** `describe`, skipped with its reason printed where the fixtures are absent. */
export function describeWithFixtures(name: string, fn: () => void): void {
  if (haveFixtures) {
    describe(name, fn);
    return;
  }
  process.stderr.write(`skipped "${name}": no fixtures at ${FIXTURES}; set SIGNAL9_FIXTURES to their folder\n`);
  // Not `fn`: jest collects the body of a skipped describe too, and that reads fixtures.
  describe.skip(name, () => {
    it('needs the fixtures', () => undefined);
  });
}
