import type { Trade } from '../../contract/schemas/trades';
import type { Order } from '../../core/trading/order';

/** An order as the API shows it: `SUCCESS` when filled, else Alpaca's status. */
export function tradeAnswer(order: Order): Trade {
  const { trade_id, client_order_id, portfolio_id, symbol, side, type, time_in_force, quantity, limit_price } = order;
  const { filled_qty, filled_avg_price, fee, currency, status, reason, region, environment } = order;
  const { submitted_at, expires_at, filled_at } = order;
  return {
    ...{ trade_id, client_order_id, portfolio_id, symbol, side, type, time_in_force, quantity, limit_price },
    ...{ filled_qty, filled_avg_price, fee, currency, status: status === 'filled' ? 'SUCCESS' : status, reason },
    ...{ region, environment, submitted_at, expires_at, filled_at },
  };
}
