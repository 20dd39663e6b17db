import { fiscalQuarter } from './fiscal-calendar';
import { randomOf } from './random';
import { type Books } from './statements';
import { type Company } from './universe';
import { profileOf } from './valuation';

/** A bank's or an insurer's balance sheet: no current and non-current, most of it loans or investments. */
export interface FinancialState {
  readonly cash: number;
  readonly investments: number;
  readonly loans: number;
  readonly plant: number;
  /** Deposits, or an insurer's reserves: only inside totalLiabilities, as Alpha Vantage has no field for them. */
  readonly deposits: number;
  readonly debt: number;
  readonly commonStock: number;
  readonly retainedEarnings: number;
  readonly shares: number;
}

/** Per unit of annual revenue: what a bank and an insurer hold. */
const SHAPE = {
  bank: {
    loans: 9,
    investments: 3,
    deposits: 11,
    debt: 0.8,
    fees: 0.35,
    yield: 0.055,
    depositRate: 0.012,
    provision: 0.002,
  },
  insurer: {
    loans: 0,
    investments: 4,
    deposits: 2.8,
    debt: 0.3,
    fees: 0.85,
    yield: 0.036,
    depositRate: 0,
    provision: 0,
  },
} as const;

const shapeOf = ({ model }: Company) => SHAPE[model === 'insurer' ? 'insurer' : 'bank'];

export function openFinancial(company: Company): FinancialState {
  const profile = profileOf(company);
  const shape = shapeOf(company);
  const of = (amount: number) => Math.round(amount * profile.annualRevenue);
  const assets = { cash: of(0.9), investments: of(shape.investments), loans: of(shape.loans), plant: of(0.15) };
  const liabilities = { deposits: of(shape.deposits), debt: of(shape.debt) };
  const equity = Object.values(assets).reduce((a, b) => a + b, 0) - liabilities.deposits - liabilities.debt;
  const commonStock = Math.round(equity * 0.4);
  return {
    ...assets,
    ...liabilities,
    commonStock,
    retainedEarnings: equity - commonStock,
    shares: profile.firstShares,
  };
}

/** One quarter: the book grows with deposits or reserves, what is not paid out stays as cash and equity. */
export function runFinancialQuarter(
  company: Company,
  before: FinancialState,
  index: number,
): { readonly state: FinancialState; readonly books: Books } {
  const profile = profileOf(company);
  const shape = shapeOf(company);
  const random = randomOf(company.seed, 'quarter', index);
  const { quarter } = fiscalQuarter(company, index);
  const of = (amount: number) => Math.round(amount);
  const growth = (1 + Math.max(0, profile.growth)) ** 0.25 - 1;

  const interestIncome = of((before.loans * shape.yield + before.investments * 0.032) / 4);
  const fees = (profile.annualRevenue / 4) * shape.fees * (1 + Math.max(0, profile.growth)) ** (index / 4);
  const nonInterestIncome = of(fees * (profile.seasons[quarter - 1] ?? 1) * Math.exp(random.normal(0, 0.02)));
  const totalRevenue = interestIncome + nonInterestIncome;
  const interestExpense = of((before.deposits * shape.depositRate + before.debt * 0.04) / 4);
  const provision = of((before.loans * shape.provision) / 4);
  const claims = company.model === 'insurer' ? of(nonInterestIncome * random.between(0.62, 0.72)) : 0;
  const costOfRevenue = interestExpense + provision + claims;
  const grossProfit = totalRevenue - costOfRevenue;
  const sellingGeneralAndAdministrative = of(grossProfit * 0.52);
  const incomeBeforeTax = grossProfit - sellingGeneralAndAdministrative;
  const incomeTaxExpense = of(Math.max(0, incomeBeforeTax) * 0.21);
  const netIncome = incomeBeforeTax - incomeTaxExpense;
  const depreciation = of(before.plant * 0.03);
  const ebit = incomeBeforeTax + interestExpense;

  const stockBasedCompensation = of(sellingGeneralAndAdministrative * 0.03);
  const operatingCashflow = netIncome + depreciation + provision + stockBasedCompensation;
  const deposited = of(before.deposits * growth);
  const lent = of(before.loans * growth) + provision;
  const invested = of(before.investments * growth);
  const capitalExpenditures = depreciation;
  const dividends = of(Math.max(0, netIncome) * Math.min(0.5, profile.payout));
  const cashflowFromInvestment = -lent - invested - capitalExpenditures;
  const spare = before.cash + operatingCashflow + cashflowFromInvestment + deposited - dividends;
  const borrowed = Math.max(0, of(profile.annualRevenue * 0.2) - spare);
  const cashflowFromFinancing = deposited + borrowed - dividends;
  const change = operatingCashflow + cashflowFromInvestment + cashflowFromFinancing;

  const state: FinancialState = {
    cash: before.cash + change,
    investments: before.investments + invested,
    loans: before.loans + lent - provision,
    plant: before.plant,
    deposits: before.deposits + deposited,
    debt: before.debt + borrowed,
    commonStock: before.commonStock + stockBasedCompensation,
    retainedEarnings: before.retainedEarnings + netIncome - dividends,
    shares: before.shares,
  };
  const books: Books = {
    shares: state.shares,
    netIncome,
    income: {
      grossProfit,
      totalRevenue,
      costOfRevenue,
      costofGoodsAndServicesSold: costOfRevenue,
      operatingIncome: incomeBeforeTax,
      sellingGeneralAndAdministrative,
      operatingExpenses: sellingGeneralAndAdministrative,
      netInterestIncome: interestIncome - interestExpense,
      interestIncome,
      interestExpense,
      nonInterestIncome,
      depreciationAndAmortization: depreciation,
      incomeBeforeTax,
      incomeTaxExpense,
      netIncomeFromContinuingOperations: netIncome,
      ebit,
      ebitda: ebit + depreciation,
      netIncome,
    },
    balance: {
      totalAssets: state.cash + state.investments + state.loans + state.plant,
      cashAndCashEquivalentsAtCarryingValue: state.cash,
      cashAndShortTermInvestments: state.cash,
      propertyPlantEquipment: state.plant,
      investments: state.investments,
      longTermInvestments: state.investments,
      totalLiabilities: state.deposits + state.debt,
      longTermDebt: state.debt,
      shortLongTermDebtTotal: state.debt,
      totalShareholderEquity: state.commonStock + state.retainedEarnings,
      retainedEarnings: state.retainedEarnings,
      commonStock: state.commonStock,
    },
    cash: {
      operatingCashflow,
      depreciationDepletionAndAmortization: depreciation,
      capitalExpenditures,
      profitLoss: netIncome,
      cashflowFromInvestment,
      cashflowFromFinancing,
      dividendPayout: dividends,
      dividendPayoutCommonStock: dividends,
      proceedsFromIssuanceOfLongTermDebtAndCapitalSecuritiesNet: borrowed,
      stockBasedCompensation,
      changeInCashAndCashEquivalents: change,
      netIncome,
    },
  };
  return { state, books };
}
