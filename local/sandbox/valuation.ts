import { randomOf } from './random';
import { type Company, type Currency } from './universe';

/** US dollars for one unit: fixed, so that a company that reports in another currency is still coherent. */
export const USD_PER: Readonly<Record<Currency, number>> = { USD: 1, EUR: 1.1, CAD: 0.75, JPY: 0.0068 };

/** What a company's business is like, in thousands of its reporting currency and fractions. */
export interface Profile {
  readonly annualRevenue: number;
  readonly growth: number;
  readonly grossMargin: number;
  readonly sellingShare: number;
  readonly researchShare: number;
  readonly capexShare: number;
  readonly receivableDays: number;
  readonly inventoryDays: number;
  readonly payableDays: number;
  readonly debtShare: number;
  readonly interestRate: number;
  readonly payout: number;
  readonly buyback: number;
  readonly goodwillShare: number;
  readonly seasons: readonly [number, number, number, number];
  /** US dollars a share on the first day. */
  readonly firstPrice: number;
  /** A year, of the price that the business is worth. */
  readonly priceGrowth: number;
  readonly firstShares: number;
}

const PROFILES = new Map<number, Profile>();

export function profileOf(company: Company): Profile {
  const known = PROFILES.get(company.seed);
  if (known) return known;
  const profile = company.trait === 'steady' ? steady(drawProfile(company)) : drawProfile(company);
  if (PROFILES.size > 20_000) PROFILES.clear();
  PROFILES.set(company.seed, profile);
  return profile;
}

function drawProfile(company: Company): Profile {
  const random = randomOf(company.seed, 'profile');
  const { trait } = company;
  const usd = USD_PER[company.reportedCurrency];
  const annualRevenue = trait === 'zeroRevenue' ? 0 : Math.round(Math.exp(random.between(11, 17)) / usd);
  const growth = Math.min(0.25, Math.max(-0.06, random.normal(0.06, 0.06)));
  const grossMargin = random.between(0.25, 0.65);
  const technical = company.sector === 'TECHNOLOGY' || company.sector === 'HEALTHCARE';
  const researchShare = technical ? grossMargin * random.between(0.1, 0.35) : 0;
  const selling = grossMargin * (trait === 'lossMaking' ? 1.25 : random.between(0.25, 0.5));
  const firstPrice = Math.round(Math.exp(random.between(2.5, 5)) * 100) / 100;
  const netMargin = (grossMargin - selling - researchShare) * 0.75;
  const earnings = annualRevenue * usd * netMargin;
  const worth =
    company.model === 'industrial'
      ? earnings > 0
        ? earnings * random.between(12, 26)
        : 60_000 + annualRevenue * usd * 1.5
      : annualRevenue * usd * random.between(1.8, 2.6);
  return {
    annualRevenue,
    growth,
    grossMargin,
    sellingShare: selling,
    researchShare,
    capexShare: random.between(0.02, 0.08),
    receivableDays: random.between(25, 70),
    inventoryDays: technical ? random.between(10, 60) : random.between(30, 110),
    payableDays: random.between(30, 75),
    debtShare:
      trait === 'noDebt' || trait === 'zeroRevenue' ? 0 : trait === 'negativeEquity' ? 1.2 : random.between(0.05, 0.6),
    interestRate: random.between(0.025, 0.065),
    payout: trait === 'negativeEquity' ? 0.6 : random.between(0, 0.5),
    buyback: trait === 'negativeEquity' ? 0.55 : random.between(0, 0.3),
    goodwillShare: random.between(0, 0.5),
    seasons: random.pick([
      [1, 1, 1, 1],
      [0.92, 0.98, 1, 1.1],
      [0.88, 0.95, 0.97, 1.2],
      [0.95, 1.06, 1.05, 0.94],
    ] as const),
    firstPrice,
    priceGrowth: Math.min(0.12, Math.max(-0.03, growth)),
    firstShares: Math.max(1_000_000, Math.round((worth * 1000) / firstPrice)),
  };
}

/** The company to show is drawn by hand: five billion dollars of revenue, growing, 12 % of it profit. */
function steady(drawn: Profile): Profile {
  const firstPrice = 60;
  return {
    ...drawn,
    annualRevenue: 2_000_000,
    growth: 0.08,
    grossMargin: 0.42,
    sellingShare: 0.2,
    researchShare: 0.05,
    capexShare: 0.04,
    debtShare: 0.25,
    payout: 0.3,
    buyback: 0.2,
    firstPrice,
    priceGrowth: 0.08,
    firstShares: 70_000_000,
  };
}

const YEAR_MS = 365.25 * 86_400_000;
export const FIRST_DAY_MS = Date.UTC(2013, 0, 1);

/** What a share is worth by the business alone, US dollars; the market's price wanders around it. */
export function fairPrice(company: Company, instant: number): number {
  const { firstPrice, priceGrowth } = profileOf(company);
  return firstPrice * Math.exp(priceGrowth * ((instant - FIRST_DAY_MS) / YEAR_MS));
}
