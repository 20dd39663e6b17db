import type { Asked, Client, TradeRequest } from './client';
import { between, oneOf } from './random';

export interface Traded {
  readonly symbol: string;
  readonly fractionable: boolean;
  /** A recent price, for limits beside it. */
  readonly price: number;
}

export interface Load {
  /** Answers that were asked for a second time on purpose, one after the other. */
  repeated: number;
  /** Keys sent twice at the same moment. */
  doubled: number;
  /** Keys sent with another body, to be refused. */
  misused: number;
  trades: number;
  pairs: Pair[];
}
/** Two sells of one whole position, sent at once. */
export interface Pair {
  readonly portfolio_id: string;
  readonly symbol: string;
  readonly keys: readonly [string, string];
}

interface Props {
  readonly client: Client;
  readonly random: () => number;
  readonly market: readonly Traded[];
  /** Shared by all clients. */
  readonly portfolios: readonly string[];
  readonly newPortfolio: () => string;
  readonly load: Load;
}

let lastKey = 0;
const newKey = (kind: string): string => `fault ${kind} ${++lastKey}`;

/** One client: trades until `isOver`, repeating itself now and then. */
export async function trade(props: Props, isOver: () => boolean): Promise<void> {
  const { client, random, load } = props;
  while (!isOver()) {
    load.trades += 1;
    const asked: Asked = { key: newKey('trade'), body: someTrade(props), replies: [] };
    client.book.push(asked);
    const isDoubled = random() < 0.1;
    if (isDoubled) load.doubled += 1;
    await Promise.all(isDoubled ? [client.trade(asked), client.trade(asked)] : [client.trade(asked)]);
    if (random() < 0.15) {
      load.repeated += 1;
      await client.trade(asked);
    }
    if (random() < 0.03 && asked.replies[0]?.status === 200) await misuse(props, asked);
  }
}

/** The same key with another body: 409, and no second order. */
async function misuse({ client, load }: Props, { key, body }: Asked): Promise<void> {
  load.misused += 1;
  const { status } = await client.trade({ key, body: { ...body, quantity: '77' }, replies: [] });
  if (status !== 409) throw new Error(`${key} with another body was answered ${status}`);
}

/** A position, and two sells of all of it at the same moment; one of them, or both, may rest at a limit. */
export async function sellTwice(props: Props, isOver: () => boolean): Promise<void> {
  const { client, random, market, load } = props;
  while (!isOver()) {
    const traded = oneOf(random, market);
    const portfolio_id = props.newPortfolio();
    const quantity = quantityOf(random, traded.fractionable);
    const base = { symbol: traded.symbol, quantity, portfolio_id, time_in_force: 'day' } as const;
    const market_ = (side: 'buy' | 'sell'): TradeRequest => ({ ...base, side, type: 'market' });
    const resting = (): TradeRequest => ({
      ...base,
      side: 'sell',
      type: 'limit',
      limit_price: cents(traded.price * 3),
    });
    const sell = () => (random() < 0.75 ? market_('sell') : resting());
    const orders: Asked[] = [market_('buy'), sell(), sell()].map((body) => ({
      key: newKey('pair'),
      body,
      replies: [],
    }));
    const [bought, one, other] = orders as [Asked, Asked, Asked];
    const pair: Pair = { portfolio_id, symbol: traded.symbol, keys: [one.key, other.key] };
    load.pairs.push(pair);
    client.book.push(bought, one, other);
    const { status, text } = await client.trade(bought);
    if (status !== 200) throw new Error(`nothing to sell twice: ${text}`);
    await Promise.all([client.trade(one), client.trade(other)]);
  }
}

function someTrade({ random, market, portfolios }: Props): TradeRequest {
  const { symbol, fractionable, price } = oneOf(random, market);
  const side = random() < 0.7 ? 'buy' : 'sell';
  const portfolio_id = random() < 0.88 ? oneOf(random, portfolios) : undefined;
  const quantity = quantityOf(random, fractionable);
  const base = { symbol, side, quantity, ...(portfolio_id !== undefined && { portfolio_id }) } as const;
  const kind = random();
  if (kind < 0.75) return { ...base, type: 'market', time_in_force: 'day' };
  const limit = (share: number) => cents(price * share);
  if (kind < 0.8)
    return {
      ...base,
      quantity: '3',
      type: 'limit',
      time_in_force: 'ioc',
      limit_price: limit(between(random, 0.98, 1.02)),
    };
  // A few ticks around the price: some fill at once, some rest, and of these the order-matcher fills some later.
  const ticks = Math.round(between(random, -4, 4));
  return {
    ...base,
    type: 'limit',
    time_in_force: 'day',
    limit_price: cents(Math.max(0.0001, price + ticks * (price >= 1 ? 0.01 : 0.0001))),
  };
}

/** Whole ones of one to four digits, or a fraction of up to nine decimals. */
function quantityOf(random: () => number, fractionable: boolean): string {
  if (!fractionable || random() < 0.5) return String(1 + Math.floor(10 ** between(random, 0, 3.5)));
  const decimals = 1 + Math.floor(random() * 9);
  const whole = Math.floor(random() * 20);
  const fraction = String(1 + Math.floor(random() * (10 ** decimals - 1))).padStart(decimals, '0');
  return `${whole}.${fraction}`;
}

const cents = (price: number): string => price.toFixed(price >= 1 ? 2 : 4);

interface Quoted {
  readonly price: string;
  readonly age_seconds: number;
}

/** What the market holds and costs, asked of the platform before anything dies. */
export async function marketOf(url: string, token: string): Promise<Traded[]> {
  const ask = async (path: string): Promise<unknown> =>
    (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })).json();
  const { items } = (await ask('/assets?limit=200&status=active')) as {
    items: { symbol: string; tradable: boolean; fractionable: boolean }[];
  };
  const traded = await Promise.all(
    items
      .filter(({ tradable }) => tradable)
      .map(async ({ symbol, fractionable }) => {
        const { price } = (await ask(`/assets/${symbol}`)) as { price: Quoted | null };
        // One that hardly trades has an old price, at which nothing is filled.
        return { symbol, fractionable, price: price && price.age_seconds < 60 ? Number(price.price) : 0 };
      }),
  );
  return traded.filter(({ price }) => price > 0);
}
