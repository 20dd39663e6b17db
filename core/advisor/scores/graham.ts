import { overview } from '../figures';
import { measure, notMeaningful } from '../measure';
import { type Score } from '../score';

const NUMBER = measure({
  title: 'Graham number',
  formula: '√(22.5 × earnings per share × book value per share); not meaningful unless both are positive',
  inputs: { eps: overview('EPS'), book: overview('BookValue') },
  compute: ({ eps, book }) =>
    eps <= 0 || book <= 0 ? notMeaningful('earnings or book value are not positive') : Math.sqrt(22.5 * eps * book),
});

/** The most a defensive investor pays a share: 15 times earnings at 1.5 times book, 22.5 being their product. */
export const graham: Score = {
  title: 'Graham number',
  source: 'Graham (1973), The Intelligent Investor, chapter 14',
  formula: NUMBER.formula,
  bands: 'none; a price a share, in the currency of the quote',
  parts: { graham_number: NUMBER },
  evaluate: (years) => ({ ...NUMBER.evaluate(years), parts: {} }),
};
