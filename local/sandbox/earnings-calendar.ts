import { toAlphaVantageSymbol } from '../../lambda/adapters/providers/alpha-vantage/symbols';
import { estimatedEps } from './alpha-vantage-statements';
import { quartersDue } from './fiscal-calendar';
import { randomOf } from './random';
import { quarterReport } from './statements';
import { type Company } from './universe';

/** Analysts follow the larger companies: in a universe of 12,000 an estimate for each would cost seconds of book-keeping. */
const FOLLOWED = 2_000;

const HEADER = 'symbol,name,reportDate,fiscalDateEnding,estimate,currency,timeOfTheDay';

/** EARNINGS_CALENDAR as CSV: who reports from `day` to `until`, by date. */
export function earningsCalendarCsv(companies: readonly Company[], day: string, until: string): string {
  const rows = companies
    .filter(hasFundamentals)
    .flatMap((company) => quartersDue(company, day, until).map((quarter) => ({ company, quarter })))
    .sort((a, b) => a.quarter.reported.localeCompare(b.quarter.reported) || a.company.index - b.company.index)
    .map(({ company, quarter }) => {
      const random = randomOf(company.seed, 'calendar', quarter.index);
      // In the real file more than half have no estimate, and only one in twenty says when in the day.
      const estimated = company.trait !== null || (company.index < FOLLOWED && random.chance(0.46));
      return [
        toAlphaVantageSymbol(company.symbol),
        quoted(company.name.toUpperCase()),
        quarter.reported,
        quarter.ends,
        estimated ? String(estimatedEps(company, quarterReport(company, quarter.index))) : '',
        company.reportedCurrency,
        random.chance(0.1) ? quarter.reportTime : '',
      ].join(',');
    });
  return `${[HEADER, ...rows].join('\n')}\n`;
}

export function hasFundamentals({ active, trait }: Company): boolean {
  return active && trait !== 'noFundamentals';
}

function quoted(text: string): string {
  return text.includes(',') ? `"${text}"` : text;
}
