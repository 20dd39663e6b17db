import { fiscalQuarter } from './fiscal-calendar';
import { randomOf } from './random';
import { type Books } from './statements';
import { type Company } from './universe';
import { fairPrice, profileOf, USD_PER } from './valuation';

const TAX_RATE = 0.21;

/** The balance sheet between two quarters, whole thousands of the reporting currency. */
export interface IndustrialState {
  readonly cash: number;
  readonly shortTermInvestments: number;
  readonly receivables: number;
  readonly inventory: number;
  readonly otherCurrentAssets: number;
  readonly plant: number;
  readonly goodwill: number;
  readonly intangibles: number;
  readonly payables: number;
  readonly otherCurrentLiabilities: number;
  readonly debt: number;
  readonly otherNonCurrentLiabilities: number;
  readonly commonStock: number;
  readonly retainedEarnings: number;
  readonly treasuryStock: number;
  readonly shares: number;
}

/** A company on the eve of its first quarter; equity is what balances. */
export function openIndustrial(company: Company): IndustrialState {
  const profile = profileOf(company);
  const size = Math.max(profile.annualRevenue, 80_000);
  const cost = profile.annualRevenue * (1 - profile.grossMargin);
  const of = (amount: number) => Math.round(amount);
  const assets = {
    cash: of(size * 0.15),
    shortTermInvestments: of(size * 0.04),
    receivables: of((profile.annualRevenue * profile.receivableDays) / 365),
    inventory: of((cost * profile.inventoryDays) / 365),
    otherCurrentAssets: of(size * 0.03),
    plant: of(size * profile.capexShare * 6),
    goodwill: of(size * profile.goodwillShare),
    intangibles: of(size * profile.goodwillShare * 0.3),
  };
  const total = Object.values(assets).reduce((a, b) => a + b, 0);
  // Who borrowed more than everything is worth, to buy back shares, has equity below zero for good.
  const indebted = company.trait === 'negativeEquity';
  const debt = indebted ? of(total * 1.2) : Math.min(of(profile.annualRevenue * profile.debtShare), of(total * 0.45));
  const liabilities = {
    payables: of((cost * profile.payableDays) / 365),
    otherCurrentLiabilities: of(size * 0.06),
    debt,
    otherNonCurrentLiabilities: of(size * 0.05),
  };
  const owed = Object.values(liabilities).reduce((a, b) => a + b, 0);
  const treasuryStock = indebted ? total : 0;
  const equity = total - owed + treasuryStock;
  const commonStock = of(equity * 0.4);
  return {
    ...assets,
    ...liabilities,
    commonStock,
    retainedEarnings: equity - commonStock,
    treasuryStock,
    shares: profile.firstShares,
  };
}

/** One quarter of making, selling, paying and borrowing. */
export function runIndustrialQuarter(
  company: Company,
  before: IndustrialState,
  index: number,
): { readonly state: IndustrialState; readonly books: Books } {
  const profile = profileOf(company);
  const random = randomOf(company.seed, 'quarter', index);
  const { ends, quarter } = fiscalQuarter(company, index);
  const of = (amount: number) => Math.round(amount);

  const season = profile.seasons[quarter - 1] ?? 1;
  const trend = (profile.annualRevenue / 4) * (1 + profile.growth) ** (index / 4);
  const totalRevenue = of(trend * season * Math.exp(random.normal(0, 0.02)));
  const margin = Math.min(0.9, profile.grossMargin + random.normal(0, 0.01));
  const costOfRevenue = of(totalRevenue * (1 - margin));
  const sellingGeneralAndAdministrative =
    of(totalRevenue * profile.sellingShare) + (company.trait === 'zeroRevenue' ? 3_000 : 0);
  const researchAndDevelopment =
    of(totalRevenue * profile.researchShare) + (company.trait === 'zeroRevenue' ? 9_000 : 0);
  const depreciation = of(before.plant * 0.04);
  const grossProfit = totalRevenue - costOfRevenue;
  const operatingExpenses = sellingGeneralAndAdministrative + researchAndDevelopment;
  const operatingIncome = grossProfit - operatingExpenses;
  const interestExpense = of((before.debt * profile.interestRate) / 4);
  const interestIncome = of(((before.cash + before.shortTermInvestments) * 0.02) / 4);
  const incomeBeforeTax = operatingIncome + interestIncome - interestExpense;
  const incomeTaxExpense = of(Math.max(0, incomeBeforeTax) * TAX_RATE);
  const netIncome = incomeBeforeTax - incomeTaxExpense;
  const ebit = incomeBeforeTax + interestExpense;

  const receivables = of((totalRevenue * 4 * profile.receivableDays) / 365);
  const inventory = of((costOfRevenue * 4 * profile.inventoryDays) / 365);
  const payables = of((costOfRevenue * 4 * profile.payableDays) / 365);
  const changeInReceivables = receivables - before.receivables;
  const changeInInventory = inventory - before.inventory;
  const changeInPayables = payables - before.payables;
  const stockBasedCompensation = of(operatingExpenses * 0.06);
  const operatingCashflow =
    netIncome + depreciation + stockBasedCompensation - changeInReceivables - changeInInventory + changeInPayables;

  const capitalExpenditures = of(Math.max(totalRevenue * profile.capexShare, depreciation * 0.9));
  const dividends = of(Math.max(0, netIncome) * profile.payout);
  const annual = Math.max(totalRevenue * 4, 80_000);
  const spare = Math.max(0, before.cash + operatingCashflow - capitalExpenditures - dividends - annual * 0.25);
  const buyback = of(Math.max(0, netIncome) * profile.buyback + (netIncome > 0 ? spare * 0.3 : 0));
  const invested = of(spare * 0.1);
  // Debt moves a tenth of the way to what the business carries; below the least cash it must be found at once.
  const target = annual * profile.debtShare;
  const wanted = of((target - before.debt) * 0.1);
  const beforeFinance = before.cash + operatingCashflow - capitalExpenditures - dividends - buyback - invested;
  const shortfall = Math.max(0, of(annual * 0.06) - beforeFinance - wanted);
  // Lenders finance who earns, shareholders who does not.
  const issued = profile.debtShare === 0 || netIncome < 0 ? shortfall : 0;
  const borrowed = Math.max(0, wanted) + shortfall - issued;
  const repaid = Math.min(before.debt, Math.max(0, -wanted));
  const cashflowFromInvestment = -capitalExpenditures - invested;
  const cashflowFromFinancing = issued + borrowed - repaid - dividends - buyback;
  const change = operatingCashflow + cashflowFromInvestment + cashflowFromFinancing;

  const price = (fairPrice(company, Date.parse(ends)) / USD_PER[company.reportedCurrency]) * 0.001;
  const state: IndustrialState = {
    ...before,
    cash: before.cash + change,
    shortTermInvestments: before.shortTermInvestments + invested,
    receivables,
    inventory,
    plant: before.plant + capitalExpenditures - depreciation,
    payables,
    debt: before.debt + borrowed - repaid,
    commonStock: before.commonStock + stockBasedCompensation + issued,
    retainedEarnings: before.retainedEarnings + netIncome - dividends,
    treasuryStock: before.treasuryStock + buyback,
    // Buybacks never eat more than a third of the company over the years.
    shares: Math.max(
      of(profile.firstShares * 0.66),
      before.shares + of((stockBasedCompensation * 0.3 + issued - buyback) / price),
    ),
  };
  const books: Books = {
    shares: state.shares,
    netIncome,
    income: {
      grossProfit,
      totalRevenue,
      costOfRevenue,
      costofGoodsAndServicesSold: costOfRevenue,
      operatingIncome,
      sellingGeneralAndAdministrative,
      researchAndDevelopment: researchAndDevelopment === 0 ? null : researchAndDevelopment,
      operatingExpenses,
      netInterestIncome: interestIncome - interestExpense,
      interestIncome,
      interestExpense,
      depreciation,
      depreciationAndAmortization: depreciation,
      incomeBeforeTax,
      incomeTaxExpense,
      netIncomeFromContinuingOperations: netIncome,
      ebit,
      ebitda: ebit + depreciation,
      netIncome,
    },
    balance: balanceOf(state),
    cash: {
      operatingCashflow,
      changeInOperatingLiabilities: changeInPayables,
      changeInOperatingAssets: changeInReceivables + changeInInventory,
      depreciationDepletionAndAmortization: depreciation,
      capitalExpenditures,
      changeInReceivables,
      changeInInventory,
      profitLoss: netIncome,
      cashflowFromInvestment,
      cashflowFromFinancing,
      paymentsForRepurchaseOfCommonStock: buyback,
      dividendPayout: dividends,
      dividendPayoutCommonStock: dividends,
      proceedsFromIssuanceOfCommonStock: issued,
      proceedsFromIssuanceOfLongTermDebtAndCapitalSecuritiesNet: borrowed,
      proceedsFromRepurchaseOfEquity: -buyback,
      stockBasedCompensation,
      changeInCashAndCashEquivalents: change,
      netIncome,
    },
  };
  return { state, books };
}

function balanceOf(state: IndustrialState): Books['balance'] {
  const cashAndShortTermInvestments = state.cash + state.shortTermInvestments;
  const totalCurrentAssets =
    cashAndShortTermInvestments + state.receivables + state.inventory + state.otherCurrentAssets;
  const intangibleAssets = state.goodwill + state.intangibles;
  const totalNonCurrentAssets = state.plant + intangibleAssets;
  const shortTermDebt = Math.round(state.debt * 0.1);
  const longTermDebt = state.debt - shortTermDebt;
  const totalCurrentLiabilities = state.payables + shortTermDebt + state.otherCurrentLiabilities;
  const totalNonCurrentLiabilities = longTermDebt + state.otherNonCurrentLiabilities;
  return {
    totalAssets: totalCurrentAssets + totalNonCurrentAssets,
    totalCurrentAssets,
    cashAndCashEquivalentsAtCarryingValue: state.cash,
    cashAndShortTermInvestments,
    inventory: state.inventory,
    currentNetReceivables: state.receivables,
    totalNonCurrentAssets,
    propertyPlantEquipment: state.plant,
    intangibleAssets,
    intangibleAssetsExcludingGoodwill: state.intangibles,
    goodwill: state.goodwill,
    shortTermInvestments: state.shortTermInvestments,
    otherCurrentAssets: state.otherCurrentAssets,
    totalLiabilities: totalCurrentLiabilities + totalNonCurrentLiabilities,
    totalCurrentLiabilities,
    currentAccountsPayable: state.payables,
    currentDebt: shortTermDebt,
    shortTermDebt,
    totalNonCurrentLiabilities,
    longTermDebt,
    shortLongTermDebtTotal: state.debt,
    otherCurrentLiabilities: state.otherCurrentLiabilities,
    otherNonCurrentLiabilities: state.otherNonCurrentLiabilities,
    totalShareholderEquity: state.commonStock + state.retainedEarnings - state.treasuryStock,
    treasuryStock: state.treasuryStock,
    retainedEarnings: state.retainedEarnings,
    commonStock: state.commonStock,
  };
}
