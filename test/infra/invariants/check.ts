import {
  everyStack,
  ofType,
  type Properties,
  referredTo,
  type Resource,
  strings,
  type SynthesisedStack,
} from '../synthesised';

export const stacks = everyStack();

/** Something that holds for every resource of some types, in every stack of every environment and region. */
export interface Check {
  /** What holds, as the name of its test. */
  readonly says: string;
  readonly of: readonly string[];
  /** Of which of them. @default all */
  readonly where?: (resource: Resource, of: SynthesisedStack) => boolean;
  readonly breaks: (resource: Resource, of: SynthesisedStack, among: readonly SynthesisedStack[]) => boolean;
  /** Makes one resource break it, for the test that sees it noticed; may change its neighbours instead. */
  readonly spoil: (resource: Resource, of: SynthesisedStack) => void;
}

const applies = ({ of: types, where }: Check, of: SynthesisedStack): Resource[] =>
  ofType(of, ...types).filter((resource) => where?.(resource, of) ?? true);

/** Names of the resources that break a check. */
export function offenders(check: Check, among: readonly SynthesisedStack[] = stacks): string[] {
  return among.flatMap((of) =>
    applies(check, of)
      .filter((resource) => check.breaks(resource, of, among))
      .map(({ logicalId }) => `${of.label}: ${logicalId}`),
  );
}

/** Two tests a check: it holds, and it names the one that is made to break it. */
export function describeChecks(checks: readonly Check[]): void {
  test.each(checks.map((check) => [check.says, check] as const))('%s', (_, check) => {
    expect(offenders(check)).toEqual([]);
  });

  test.each(checks.map((check) => [check.says, check] as const))('noticed where it does not: %s', (_, check) => {
    const of = stacks.find((each) => applies(check, each).length > 0);
    if (of === undefined) throw new Error(`there is nothing that "${check.says}" is about`);
    const { spoiled, among } = copied(of);
    const [resource] = applies(check, spoiled);
    check.spoil(resource!, spoiled);
    expect(offenders(check, among)).toContain(`${of.label}: ${resource!.logicalId}`);
  });
}

/** The stack as a copy that may be changed, among the others of its region. */
function copied(of: SynthesisedStack): { spoiled: SynthesisedStack; among: SynthesisedStack[] } {
  const resources = of.resources.map(({ logicalId, type, raw }) => {
    const copy = structuredClone(raw);
    copy.Properties ??= {};
    return { logicalId, type, raw: copy, properties: copy.Properties as Properties };
  });
  const spoiled = { ...of, resources };
  const neighbours = stacks.filter((each) => each.environment === of.environment && each.region === of.region);
  return { spoiled, among: neighbours.map((each) => (each === of ? spoiled : each)) };
}

/** A resource by a reference within its stack, or to the export of another. */
export function find(
  value: unknown,
  of: SynthesisedStack,
  among: readonly SynthesisedStack[] = stacks,
): Resource | undefined {
  const { 'Fn::ImportValue': imported } = (value ?? {}) as { 'Fn::ImportValue'?: string };
  if (imported === undefined) return of.resources.find(({ logicalId }) => logicalId === referredTo(value));
  for (const each of among.filter(({ environment, region }) => environment === of.environment && region === of.region))
    for (const { Export, Value } of Object.values(each.outputs) as Properties[])
      if (Export?.Name === imported) return find(Value, each, among);
  return undefined;
}

export const isProd = (_: Resource, { environment }: SynthesisedStack): boolean => environment === 'prod';

/** CDK's own functions for custom resources, and what belongs to them. They are told from ours by CDK's names. */
export const isCdkProvider = ({ logicalId }: Resource): boolean =>
  /^(Custom(S3AutoDelete|VpcRestrict)|AWS679f53fac002430cb0da5b7982bd2287)/.test(logicalId);

export const list = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];

/** Whether a resource of the type, in the same stack, speaks of this one. */
export const named = (of: SynthesisedStack, type: string, property: string, { logicalId }: Resource): Resource[] =>
  ofType(of, type).filter(({ properties }) => strings(properties[property]).includes(logicalId));
