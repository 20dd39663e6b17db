import { Decimal, formatDecimal } from '../money/decimal';
import type { OrderRequest } from './order';

/** What the rules need to know of what is traded. */
export interface TradedAsset {
  readonly symbol: string;
  /** `active`, `inactive`, or what Alpaca adds. */
  readonly status: string;
  readonly tradable: boolean;
  readonly fractionable: boolean;
}

export interface OrderRule {
  readonly id: string;
  /** syntax: the request itself makes no sense (400) · rule: a good request that may not be (422). */
  readonly kind: 'syntax' | 'rule';
  /** The field of the request that is at fault. */
  readonly path: 'symbol' | 'quantity' | 'limit_price' | 'time_in_force';
  /** Where the rule is written down. */
  readonly source: string;
  /** What is wrong, in words that follow the field's name; null where nothing is. */
  readonly refusal: (request: OrderRequest, asset: TradedAsset) => string | null;
}

export interface Refusal {
  /** The rule's id. */
  readonly code: string;
  readonly kind: OrderRule['kind'];
  readonly path: OrderRule['path'];
  readonly message: string;
}

const ORDERS = 'https://docs.alpaca.markets/docs/orders-at-alpaca';
const FRACTIONAL = 'https://docs.alpaca.markets/docs/fractional-trading';
const ASSETS = 'https://docs.alpaca.markets/docs/working-with-assets';
const LEDGER = 'the ledger: decimals of 28 digits, nine of them behind the point';

/** Below this: nineteen digits before the point hold the sum of many orders, not of one alone. */
const TOO_MANY_SHARES = new Decimal('1e12');
const TOO_DEAR = new Decimal('1e9');
const TOO_MUCH_MONEY = new Decimal('1e15');
/** Alpaca's of a quantity, and the ledger's columns'. */
const QUANTITY_DECIMALS = 9;

/** Every rule of a new order. An order that breaks several is told of all. */
export const orderRules = [
  {
    id: 'limit_price_missing',
    kind: 'syntax',
    path: 'limit_price',
    source: `${ORDERS}#limit-order`,
    refusal: ({ type, limit_price }) =>
      type === 'limit' && limit_price === null ? 'is required for a limit order' : null,
  },
  {
    id: 'limit_price_unexpected',
    kind: 'syntax',
    path: 'limit_price',
    source: `${ORDERS}#market-order`,
    refusal: ({ type, limit_price }) =>
      type === 'market' && limit_price !== null ? 'must be left out of a market order' : null,
  },
  {
    id: 'asset_inactive',
    kind: 'rule',
    path: 'symbol',
    source: ASSETS,
    refusal: (_, { status, symbol }) => (status === 'active' ? null : `${symbol} is not active`),
  },
  {
    id: 'asset_not_tradable',
    kind: 'rule',
    path: 'symbol',
    source: ASSETS,
    // An inactive asset is never tradable: saying so twice helps nobody.
    refusal: (_, { status, tradable, symbol }) =>
      status === 'active' && !tradable ? `${symbol} cannot be traded at present` : null,
  },
  {
    id: 'not_fractionable',
    kind: 'rule',
    path: 'quantity',
    source: FRACTIONAL,
    refusal: ({ quantity }, { fractionable, symbol }) =>
      isFractional(quantity) && !fractionable ? `must be whole: ${symbol} is not traded in fractions` : null,
  },
  {
    id: 'fractional_not_day',
    kind: 'rule',
    path: 'time_in_force',
    source: FRACTIONAL,
    refusal: ({ quantity, time_in_force }) =>
      isFractional(quantity) && time_in_force !== 'day' ? 'must be day where the quantity has a fraction' : null,
  },
  {
    id: 'quantity_precision',
    kind: 'rule',
    path: 'quantity',
    source: FRACTIONAL,
    refusal: ({ quantity }) =>
      new Decimal(quantity).decimalPlaces() > QUANTITY_DECIMALS
        ? `has at most ${QUANTITY_DECIMALS} decimals, not ${quantity}`
        : null,
  },
  {
    id: 'sub_penny',
    kind: 'rule',
    path: 'limit_price',
    // Rule 612 of Regulation NMS, as Alpaca enforces it with code 42210000.
    source: `${ORDERS}#sub-penny-increments-for-limit-orders`,
    refusal: ({ limit_price }) => {
      if (limit_price === null) return null;
      const price = new Decimal(limit_price);
      const decimals = priceDecimals(price);
      return price.decimalPlaces() > decimals
        ? `has at most ${decimals} decimals ${decimals === 2 ? 'from 1 dollar up' : 'below 1 dollar'}, not ${limit_price}`
        : null;
    },
  },
  {
    id: 'quantity_too_large',
    kind: 'rule',
    path: 'quantity',
    source: LEDGER,
    refusal: ({ quantity }) =>
      new Decimal(quantity).gte(TOO_MANY_SHARES) ? `must be below ${formatDecimal(TOO_MANY_SHARES)}` : null,
  },
  {
    id: 'limit_price_too_large',
    kind: 'rule',
    path: 'limit_price',
    source: LEDGER,
    refusal: ({ limit_price }) =>
      limit_price !== null && new Decimal(limit_price).gte(TOO_DEAR)
        ? `must be below ${formatDecimal(TOO_DEAR)}`
        : null,
  },
  {
    id: 'value_too_large',
    kind: 'rule',
    path: 'quantity',
    source: LEDGER,
    refusal: ({ quantity, limit_price }) =>
      limit_price !== null && !isValueHeld(quantity, limit_price)
        ? `times limit_price must be below ${formatDecimal(TOO_MUCH_MONEY)}`
        : null,
  },
] as const satisfies readonly OrderRule[];

/**
 * Everything that speaks against an order; empty where it may be booked.
 * @param request quantity and limit_price in plain decimal notation, as the contract's schema leaves them
 */
export function refusals(request: OrderRequest, asset: TradedAsset): readonly Refusal[] {
  return orderRules.flatMap(({ id, kind, path, refusal }) => {
    const message = refusal(request, asset);
    return message === null ? [] : [{ code: id, kind, path, message }];
  });
}

/** Decimals that a price of an order may have: cents from one dollar up, hundredths of them below. */
export const priceDecimals = (price: Decimal): 2 | 4 => (price.gte(1) ? 2 : 4);

/** Whether the ledger holds what so many shares cost; a market order's price is known only when it is filled. */
export const isValueHeld = (quantity: string, price: string): boolean =>
  new Decimal(quantity).mul(price).lt(TOO_MUCH_MONEY);

const isFractional = (quantity: string): boolean => !new Decimal(quantity).isInteger();
