import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { RATIOS } from '../core/advisor/ratios';
import { GRADES } from '../core/advisor/rating';
import { RULES, formulaOf, type Rule } from '../core/advisor/rules';
import { SCORES } from '../core/advisor/scores';
import { type Score } from '../core/advisor/score';
import { DEFAULT_SETTINGS, MODEL_VERSION } from '../core/advisor/settings';
import { type Measure } from '../core/advisor/measure';
import { code, table } from './markdown';

/**
 * Writes docs/scoring.md from the tables that the analysis runs on, so that the two cannot differ.
 * `npx tsx tools/scoring-doc.ts`; with `--check` it only says whether the file is up to date, and exits 1 when not.
 */
const FILE = join(__dirname, '..', 'docs', 'scoring.md');

const inputsOf = ({ inputs }: Pick<Measure, 'inputs'>): string => inputs.map(code).join(', ');

function thresholdOf({ threshold, comparison }: Rule): string {
  const value = typeof threshold === 'number' ? `${threshold}` : `${threshold(DEFAULT_SETTINGS)} (configurable)`;
  return `${comparison} ${value}`;
}

function scoreSection([id, score]: readonly [string, Score]): string {
  const parts = Object.entries(score.parts);
  const forAll = !parts.every(([, part]) => part.except_financials);
  return [
    `### ${score.title} (${code(id)})`,
    `${score.source}.`,
    `${score.formula}.`,
    `Bands: ${score.bands}.${forAll ? '' : ' Not applicable to financial companies.'}`,
    table(
      ['part', 'formula', 'inputs'],
      parts.map(([name, part]) => [code(name), part.formula, inputsOf(part)]),
    ),
  ].join('\n\n');
}

function document(): string {
  const weights = RULES.reduce((sum, { weight }) => sum + weight, 0);
  return [
    '# How companies are scored',
    '<!-- Written by tools/scoring-doc.ts from the tables in core/advisor; change those, then run `npx tsx tools/scoring-doc.ts`. -->',
    `Model version ${MODEL_VERSION}. \`t\` is the latest annual date that income statement, balance sheet and cash flow share; \`t-1\` … are the annual rows about one and more years earlier. ` +
      'A figure the provider does not give is missing, never 0; `a | b + c` reads: a, or where there is no a, b plus c. ' +
      'Banks and insurers (sector FINANCE or FINANCIAL SERVICES) have no Altman, Beneish or Magic Formula, current or quick ratio. ' +
      'Where the statements are in another currency than the quote, nothing that mixes the two is computed.',
    '## Rating',
    `The weighted mean, 0–100, of the ${RULES.length} rules below (${weights} points) that could be computed for the company; a rule that does not apply to it counts nowhere. ` +
      `\`coverage\` is the weight computed ÷ the weight applicable; below ${DEFAULT_SETTINGS.minimum_coverage} there is no rating. ` +
      `Grades: ${GRADES.map(([grade, least]) => `${grade} from ${least}`).join(', ')}.`,
    table(
      ['rule', 'title', 'category', 'what is compared', 'passes', 'weight', 'source'],
      RULES.map((rule) => [
        code(rule.id),
        rule.title,
        rule.category,
        formulaOf(rule),
        code(thresholdOf(rule)) + (rule.passing_band === undefined ? '' : ` or ${rule.passing_band}`),
        `${rule.weight}`,
        rule.source,
      ]),
    ),
    '## Scores',
    ...Object.entries<Score>(SCORES).map(scoreSection),
    '## Ratios',
    'Fractions, not percent.',
    table(
      ['ratio', 'formula', 'inputs', 'better'],
      Object.entries<Measure>(RATIOS).map(([id, ratio]) => [
        code(id),
        ratio.formula + (ratio.except_financials ? '; not applicable to financial companies' : ''),
        inputsOf(ratio),
        ratio.better,
      ]),
    ),
    '## Sentiment',
    `The mean sentiment of the news of ${DEFAULT_SETTINGS.sentiment_window_days} days, weighted by relevance to the company. ` +
      'Bearish ≤ −0.35 < Somewhat-Bearish ≤ −0.15 < Neutral < 0.15 ≤ Somewhat-Bullish < 0.35 ≤ Bullish, as Alpha Vantage labels it.',
  ].join('\n\n');
}

async function main(): Promise<void> {
  const options = await resolveConfig(FILE);
  const current = await format(document(), { ...options, parser: 'markdown' });
  if (!process.argv.includes('--check')) {
    writeFileSync(FILE, current);
    return;
  }
  const written = ((): string => {
    try {
      return readFileSync(FILE, 'utf8');
    } catch {
      return '';
    }
  })();
  if (written === current) return;
  console.error('docs/scoring.md is out of date: run `npx tsx tools/scoring-doc.ts`');
  process.exitCode = 1;
}

void main();
