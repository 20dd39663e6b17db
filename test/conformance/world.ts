import { deepEqual, ok } from 'node:assert/strict';
import { type AnswerTo, type Client, createClient, type LooseRequest } from '../../contract/client';
import type { RouteId } from '../../contract/routes';

/** The deployment that is asked. */
export interface Target {
  /** With the stage, without a slash at the end. */
  readonly baseUrl: string;
  /** Of two people made for this: their profiles and watchlists are removed. */
  readonly personToken: string;
  readonly otherPersonToken: string;
  readonly machineToken: string;
}

export interface Case {
  readonly route: RouteId;
  readonly status: number;
  readonly says: string;
  readonly run: (world: World) => Promise<void>;
}

/** The target with somebody at each door. */
export interface World {
  readonly person: Client;
  readonly other: Client;
  readonly machine: Client;
  readonly nobody: Client;
  readonly withToken: (token: string) => Client;
  /** A symbol that has an analysis. */
  readonly symbol: () => Promise<string>;
}

export function worldOf({ baseUrl, personToken, otherPersonToken, machineToken }: Target): World {
  const withToken = (token: string) => createClient({ baseUrl, token });
  const person = withToken(personToken);
  let symbol: Promise<string> | undefined;
  return {
    person,
    other: withToken(otherPersonToken),
    machine: withToken(machineToken),
    nobody: createClient({ baseUrl }),
    withToken,
    symbol: () => (symbol ??= bestRated(person)),
  };
}

async function bestRated(client: Client): Promise<string> {
  const { items } = bodyIn(await client.call('listAssets', { query: { sort: 'rating', limit: 1 } }));
  ok(items[0]?.rating, 'the target has an asset with a rating');
  return items[0].symbol;
}

/** The body of a success. @throws AssertionError for any other answer */
export function bodyIn<Id extends RouteId>(answer: AnswerTo<Id>): Extract<AnswerTo<Id>, { kind: 'success' }>['body'] {
  ok(answer.kind === 'success', `${String(answer.status)} ${answer.kind === 'refusal' ? answer.error.message : ''}`);
  return answer.body;
}

/** A request of a route, made when it is asked. */
export type Asking = (world: World) => LooseRequest | Promise<LooseRequest>;

/** @throws AssertionError for any other answer */
export function refused<Id extends RouteId>(answer: AnswerTo<Id>, status: number, code: string): void {
  ok(answer.kind === 'refusal', `expected ${String(status)}, not ${String(answer.status)}`);
  deepEqual([answer.status, answer.error.code], [status, code]);
  ok(answer.error.request_id);
}
