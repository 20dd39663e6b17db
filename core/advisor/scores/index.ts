import { type Score } from '../score';
import { altman } from './altman';
import { beneish } from './beneish';
import { dupont } from './dupont';
import { graham } from './graham';
import { magicFormula } from './magic-formula';
import { piotroski } from './piotroski';
import { sloan } from './sloan';

/** Every published score of an analysis. A new score is a new entry. */
export const SCORES = {
  piotroski,
  altman_z: altman,
  beneish_m: beneish,
  graham_number: graham,
  magic_formula: magicFormula,
  dupont,
  sloan,
} as const satisfies Record<string, Score>;

export type ScoreId = keyof typeof SCORES;
