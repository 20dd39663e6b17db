import { deepEqual } from '@aws-cdk/cloudformation-diff';
import { renderIntrinsics } from '@aws-cdk/cloudformation-diff/lib/render-intrinsics';
import { ASSET, type Json } from './assembly';

/** One value that differs: where, and both sides as people read them; a side that is not there is undefined. */
export interface ValueChange {
  /** `Environment.Variables.LOG_LEVEL`, `Tags[]` for an element that a list gained or lost. */
  readonly path: string;
  readonly before?: string;
  readonly after?: string;
}

/** Longer values are cut around what differs. */
const LONGEST = 160;

/** What differs between two values of a template, as deep as it can be told. Code is told by one word, not by hashes. */
export function valueChanges(path: string, before: unknown, after: unknown): ValueChange[] {
  const [old, now] = [readable(before), readable(after)];
  if (old !== undefined && now !== undefined && differInCodeOnly(old, now))
    return [{ path: path === 'Code' ? 'code' : `${path}: code` }];
  return leaves(path, old, now);
}

/** References as `${Table.Arn}`, imports as `${import:<export>}`. */
export const readable = (value: unknown): unknown => rewritten(renderIntrinsics(value));

function rewritten(value: unknown): unknown {
  if (typeof value === 'string')
    return value.replace(/\{\\*"Fn::ImportValue\\*":\\*"([^"\\]+)\\*"\}/g, (_, name: string) => `\${import:${name}}`);
  if (Array.isArray(value)) return value.map(rewritten);
  if (isTree(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rewritten(inner)]));
  return value;
}

function differInCodeOnly(before: unknown, after: unknown): boolean {
  const [old, now] = [JSON.stringify(before), JSON.stringify(after)];
  return old !== now && old.replace(ASSET, 'asset') === now.replace(ASSET, 'asset');
}

function leaves(path: string, before: unknown, after: unknown): ValueChange[] {
  if (deepEqual(before, after)) return [];
  const [old, now] = [opened(before), opened(after)];
  if (isTree(old) && isTree(now))
    return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((key) =>
      leaves(path === '' ? key : `${path}.${key}`, old[key], now[key]),
    );
  // Where a list may stand, CloudFormation takes its only element as well.
  if (Array.isArray(old) && Array.isArray(now)) return elements(path, old, now);
  if (Array.isArray(old) && now !== undefined) return elements(path, old, [now]);
  if (Array.isArray(now)) return elements(path, old === undefined ? [] : [old], now);
  return [{ path, ...shown(before, after) }];
}

/** An element that moved is no change to speak of; one that changed is told by what changed in it. */
function elements(path: string, before: readonly unknown[], after: readonly unknown[]): ValueChange[] {
  const lacking = (list: readonly unknown[], element: unknown) => !list.some((other) => deepEqual(other, element));
  const gone = before.filter((element) => lacking(after, element));
  const come = after.filter((element) => lacking(before, element));
  if (gone.length === 0 && come.length === 0) return before.length === after.length ? [{ path: `${path}: order` }] : [];
  if (gone.length === 1 && come.length === 1 && isTree(gone[0]) && isTree(come[0]))
    return leaves(`${path}[${before.indexOf(gone[0])}]`, gone[0], come[0]);
  return [
    ...gone.map((element) => ({ path: `${path}[]`, ...shown(element, undefined) })),
    ...come.map((element) => ({ path: `${path}[]`, ...shown(undefined, element) })),
  ];
}

const isTree = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON in a string, as a dashboard's body is, is compared as what it says. */
function opened(value: unknown): unknown {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

function shown(before: unknown, after: unknown): { before?: string; after?: string } {
  const [old, now] = [before, after].map((value) => (value === undefined ? undefined : spelt(value)));
  if (old === undefined) return now === undefined ? {} : { after: cut(now, 0) };
  if (now === undefined) return { before: cut(old, 0) };
  const from = Math.max(0, commonStart(old, now) - 40);
  return { before: cut(old, from), after: cut(now, from) };
}

const spelt = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replace(ASSET, (asset) => asset.slice(0, 14));
};

function commonStart(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
}

function cut(text: string, from: number): string {
  if (text.length <= LONGEST) return text;
  const end = from + LONGEST;
  return `${from > 0 ? '…' : ''}${text.slice(from, end)}${end < text.length ? '…' : ''}`;
}
