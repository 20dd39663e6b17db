import { hash32, randomOf, type Random } from './random';
import { SANDBOX_SYMBOLS, type Trait } from './named-symbols';

export type Currency = 'USD' | 'EUR' | 'JPY' | 'CAD';

/** What a company is. What it did (statements, prices) is made from this when somebody asks. */
export interface Company {
  readonly index: number;
  readonly asset_id: string;
  /** Alpaca's spelling. */
  readonly symbol: string;
  readonly name: string;
  readonly exchange: string;
  readonly sector: string;
  readonly industry: string;
  readonly model: 'industrial' | 'bank' | 'insurer';
  /** 1–12. */
  readonly fiscalYearEndMonth: number;
  readonly reportedCurrency: Currency;
  readonly trait: Trait | null;
  readonly active: boolean;
  /** Keys every random number of the company. */
  readonly seed: number;
}

export interface Universe {
  readonly seed: number;
  readonly companies: readonly Company[];
  bySymbol(symbol: string): Company | undefined;
  byId(assetId: string): Company | undefined;
}

/** Alpha Vantage's upper-case sector vocabulary. */
const SECTORS: readonly {
  readonly sector: string;
  readonly industries: readonly string[];
  readonly nouns: readonly string[];
}[] = [
  {
    sector: 'TECHNOLOGY',
    industries: ['SOFTWARE - APPLICATION', 'SEMICONDUCTORS'],
    nouns: ['Systems', 'Microdevices', 'Software', 'Networks'],
  },
  {
    sector: 'HEALTHCARE',
    industries: ['MEDICAL DEVICES', 'DRUG MANUFACTURERS - GENERAL'],
    nouns: ['Therapeutics', 'Medical', 'Biologics', 'Diagnostics'],
  },
  {
    sector: 'INDUSTRIALS',
    industries: ['SPECIALTY INDUSTRIAL MACHINERY', 'TRUCKING'],
    nouns: ['Robotics', 'Engineering', 'Freight', 'Machine Works'],
  },
  {
    sector: 'CONSUMER CYCLICAL',
    industries: ['APPAREL RETAIL', 'RESTAURANTS'],
    nouns: ['Outfitters', 'Kitchens', 'Leisure', 'Motors'],
  },
  {
    sector: 'CONSUMER DEFENSIVE',
    industries: ['PACKAGED FOODS', 'DISCOUNT STORES'],
    nouns: ['Foods', 'Grocers', 'Household', 'Beverage'],
  },
  {
    sector: 'ENERGY',
    industries: ['OIL & GAS E&P', 'OIL & GAS MIDSTREAM'],
    nouns: ['Petroleum', 'Pipelines', 'Energy', 'Drilling'],
  },
  {
    sector: 'BASIC MATERIALS',
    industries: ['SPECIALTY CHEMICALS', 'STEEL'],
    nouns: ['Chemicals', 'Metals', 'Minerals', 'Paper'],
  },
  { sector: 'UTILITIES', industries: ['UTILITIES - REGULATED ELECTRIC'], nouns: ['Power', 'Water', 'Gas & Electric'] },
  {
    sector: 'COMMUNICATION SERVICES',
    industries: ['TELECOM SERVICES', 'ENTERTAINMENT'],
    nouns: ['Media', 'Telecom', 'Broadcasting'],
  },
  {
    sector: 'REAL ESTATE',
    industries: ['REIT - INDUSTRIAL', 'REAL ESTATE SERVICES'],
    nouns: ['Properties', 'Realty', 'Estates'],
  },
  {
    sector: 'FINANCIAL SERVICES',
    industries: ['BANKS - REGIONAL', 'INSURANCE - PROPERTY & CASUALTY'],
    nouns: ['Bancorp', 'Assurance'],
  },
];

const FIRST = [
  'Nor',
  'Bal',
  'Cas',
  'Del',
  'Ever',
  'Fen',
  'Gar',
  'Hol',
  'Ister',
  'Kel',
  'Lum',
  'Mar',
  'Ost',
  'Pell',
  'Quar',
  'Rav',
  'Sol',
  'Tam',
  'Ulver',
  'Vex',
  'Wen',
  'Yar',
  'Zel',
];
const LAST = [
  'tave',
  'brook',
  'dine',
  'field',
  'grove',
  'heim',
  'ision',
  'kirk',
  'lane',
  'more',
  'nix',
  'port',
  'quist',
  'ridge',
  'stead',
  'thorn',
  'vale',
  'wick',
  'yard',
  'zen',
];
const ENDINGS = ['Inc.', 'Corp.', 'Holdings Inc.', 'Group plc', 'Company'];
const EXCHANGES = ['NASDAQ', 'NASDAQ', 'NYSE', 'NYSE', 'AMEX', 'BATS'];
const CONSONANTS = 'BCDFGHKLMNPQRSTVWXYZJ';
const VOWELS = 'AEIOU';

const NAMED: Readonly<Record<Trait, Partial<Company> & { readonly name: string }>> = {
  steady: {
    name: 'Acme Anvil & Rocket Co.',
    sector: 'INDUSTRIALS',
    industry: 'SPECIALTY INDUSTRIAL MACHINERY',
    exchange: 'NYSE',
  },
  bank: {
    name: 'Bank of the Sandbox Bancorp',
    sector: 'FINANCIAL SERVICES',
    industry: 'BANKS - REGIONAL',
    model: 'bank',
  },
  insurer: {
    name: 'Sandcastle Assurance Group',
    sector: 'FINANCIAL SERVICES',
    industry: 'INSURANCE - PROPERTY & CASUALTY',
    model: 'insurer',
  },
  negativeEquity: { name: 'Negative Equity Burgers Corp.', sector: 'CONSUMER CYCLICAL', industry: 'RESTAURANTS' },
  missingData: { name: 'Gaps & Omissions Retail Inc.', sector: 'CONSUMER CYCLICAL', industry: 'APPAREL RETAIL' },
  oneAnnualReport: { name: 'One Year Young Software Inc.', sector: 'TECHNOLOGY', industry: 'SOFTWARE - APPLICATION' },
  septemberYearEnd: {
    name: 'September Orchard Devices Inc.',
    sector: 'TECHNOLOGY',
    industry: 'CONSUMER ELECTRONICS',
    fiscalYearEndMonth: 9,
  },
  foreignCurrency: {
    name: 'Eurovale Chemie SE',
    sector: 'BASIC MATERIALS',
    industry: 'SPECIALTY CHEMICALS',
    reportedCurrency: 'EUR',
  },
  inactive: { name: 'Gone Fishing Holdings Inc.', active: false },
  noEasyToBorrow: { name: 'No Easy Borrow Media Corp.', sector: 'COMMUNICATION SERVICES', industry: 'ENTERTAINMENT' },
  unknownExchange: {
    name: 'Odd Exchange Minerals Ltd.',
    sector: 'BASIC MATERIALS',
    industry: 'STEEL',
    exchange: 'MOONX',
  },
  classShare: {
    name: 'Dual Class Foods Inc. Class B',
    sector: 'CONSUMER DEFENSIVE',
    industry: 'PACKAGED FOODS',
    exchange: 'NYSE',
  },
  noFundamentals: { name: 'Sandbox Total Market Fund', exchange: 'ARCA' },
  zeroRevenue: { name: 'Zero Revenue Biologics Inc.', sector: 'HEALTHCARE', industry: 'BIOTECHNOLOGY' },
  noDebt: { name: 'No Debt Networks Inc.', sector: 'TECHNOLOGY', industry: 'COMMUNICATION EQUIPMENT' },
  thinlyTraded: { name: 'Thin Trade Paper Company', sector: 'BASIC MATERIALS', industry: 'PAPER & PAPER PRODUCTS' },
  lossMaking: { name: 'Loss Leader Grocers Corp.', sector: 'CONSUMER DEFENSIVE', industry: 'GROCERY STORES' },
};

/** What a named company is but for its trait. */
const ORDINARY = { model: 'industrial', reportedCurrency: 'USD', fiscalYearEndMonth: 12, active: true } as const;

/**
 * `size` companies, the named ones first. A company depends on the seed and its index alone: it is the same in a
 * universe of 250 and in one of 12,000.
 */
export function createUniverse(size: number, seed: number): Universe {
  const traits = Object.keys(SANDBOX_SYMBOLS) as Trait[];
  const companies: Company[] = traits.map((trait, index) => {
    const symbol = SANDBOX_SYMBOLS[trait];
    return { ...drawn(seed, index, symbol), ...ORDINARY, ...NAMED[trait], trait };
  });
  const taken = new Set(companies.map(({ symbol }) => symbol));
  for (let n = 0; companies.length < size; n += 1) {
    const symbol = symbolAt(seed, n);
    if (taken.has(symbol)) continue;
    taken.add(symbol);
    companies.push(drawn(seed, companies.length, symbol));
  }
  const bySymbol = new Map(companies.map((company) => [company.symbol, company]));
  const byId = new Map(companies.map((company) => [company.asset_id, company]));
  return { seed, companies, bySymbol: (symbol) => bySymbol.get(symbol), byId: (assetId) => byId.get(assetId) };
}

/** The n-th of 46,305 symbols consonant-vowel-consonant-consonant-J, in an order that belongs to the seed. */
function symbolAt(seed: number, n: number): string {
  const count = 21 * 5 * 21 * 21;
  // 11,003 shares no factor with 3³·5·7³: the walk visits every symbol once.
  let code = (hash32(seed, 'symbols') + n * 11_003) % count;
  const digit = (letters: string) => {
    const letter = letters.charAt(code % letters.length);
    code = Math.floor(code / letters.length);
    return letter;
  };
  return `${digit(CONSONANTS)}${digit(VOWELS)}${digit(CONSONANTS)}${digit(CONSONANTS)}J`;
}

function drawn(universeSeed: number, index: number, symbol: string): Company {
  const seed = hash32(universeSeed, 'company', index);
  const random = randomOf(seed, 'identity');
  const { sector, industries, nouns } = random.pick(SECTORS);
  const noun = random.pick(nouns);
  const insurer = noun === 'Assurance';
  const financial = sector === 'FINANCIAL SERVICES';
  return {
    index,
    asset_id: uuid(seed),
    symbol,
    name: `${random.pick(FIRST)}${random.pick(LAST)} ${noun} ${random.pick(ENDINGS)}`,
    exchange: random.pick(EXCHANGES),
    sector,
    industry: financial ? (industries[insurer ? 1 : 0] ?? sector) : random.pick(industries),
    model: financial ? (insurer ? 'insurer' : 'bank') : 'industrial',
    fiscalYearEndMonth: fiscalYearEnd(random),
    reportedCurrency: random.chance(0.04) ? random.pick(['EUR', 'JPY', 'CAD'] as const) : 'USD',
    trait: null,
    active: !random.chance(0.03),
    seed,
  };
}

/** Three quarters of US companies close their books in December. */
function fiscalYearEnd(random: Random): number {
  return random.chance(0.75) ? 12 : random.pick([1, 3, 6, 9, 10]);
}

/** A version 4 UUID made of the company's hashes. */
function uuid(seed: number): string {
  const hex = [0, 1, 2, 3].map((part) => hash32(seed, 'uuid', part).toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
