import { METRICS } from '../../contract/schemas/rankings';
import { RATIOS } from '../../core/advisor/ratios';
import { SCORES } from '../../core/advisor/scores';

/** The contract may not import core, so a test holds the names together. */
test('assets are ranked by the rating, every score and every ratio', () => {
  expect(Object.keys(METRICS).sort()).toEqual(['rating', ...Object.keys(SCORES), ...Object.keys(RATIOS)].sort());
});

test.each(Object.entries(RATIOS))('%s: the better end is the one that core says', (id, { better }) => {
  expect(METRICS[id as keyof typeof RATIOS]).toBe(better);
});
