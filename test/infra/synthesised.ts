import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { type Region } from '../../lib/config';
import { names } from '../../lib/names';
import { STACKS } from '../../lib/platform';
import { type Assessment } from '../../tools/compliance/findings';
import { COPY, ENVIRONMENTS as DOCUMENTED } from '../../tools/synthesise';

/** What is synthesised, and by which context: each preset, a throw-away copy, and three regions. */
export const SYNTHESISED = {
  ...DOCUMENTED,
  ...COPY,
  everywhere: { env: 'dev', region: 'us-east-1,us-east-2,us-west-2' },
} as const;

export type SynthesisedName = keyof typeof SYNTHESISED;
export type StackPart = (typeof STACKS)[number];

/** A resource of a template, as loosely as JSON is. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Properties = Record<string, any>;

export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Properties;
  readonly raw: Properties;
}

/** One stack of one environment and region, as it would be deployed. */
export interface SynthesisedStack {
  /** `prod us-east-2 Data`, for the names of tests. */
  readonly label: string;
  readonly environment: SynthesisedName;
  readonly env: string;
  readonly region: Region;
  readonly part: StackPart;
  readonly template: Template;
  readonly resources: readonly Resource[];
  readonly outputs: Properties;
}

const REGIONS_OF: Record<SynthesisedName, readonly Region[]> = {
  dev: ['us-east-1'],
  staging: ['us-east-1'],
  prod: ['us-east-1', 'us-east-2', 'us-west-2'],
  pr3522: ['us-west-2'],
  everywhere: ['us-east-1', 'us-east-2', 'us-west-2'],
};

function directory(name: SynthesisedName): string {
  const root = process.env.SIGNAL9_SYNTHESISED;
  if (root === undefined) throw new Error('run by jest, whose globalSetup synthesises (test/infra/synthesise-once.ts)');
  return join(root, name);
}

const read = (name: SynthesisedName, file: string): Properties =>
  JSON.parse(readFileSync(join(directory(name), file), 'utf8')) as Properties;

export function stack(name: SynthesisedName, part: StackPart, region: Region = REGIONS_OF[name][0]!): SynthesisedStack {
  const { env } = SYNTHESISED[name];
  const json = read(name, `${names.stack(env, region, part)}.template.json`);
  const resources = Object.entries(json.Resources as Record<string, Properties>).map(([logicalId, raw]) => ({
    logicalId,
    type: raw.Type as string,
    properties: (raw.Properties ?? {}) as Properties,
    raw,
  }));
  return {
    label: `${name} ${region} ${part}`,
    environment: name,
    env,
    region,
    part,
    template: Template.fromJSON(json),
    resources,
    outputs: (json.Outputs ?? {}) as Properties,
  };
}

/** Every stack of one synthesis. */
export const stacksOf = (name: SynthesisedName): SynthesisedStack[] =>
  REGIONS_OF[name].flatMap((region) => STACKS.map((part) => stack(name, part, region)));

export const ENVIRONMENTS = Object.keys(SYNTHESISED) as SynthesisedName[];
/** Every stack of every synthesis. */
export const everyStack = (): SynthesisedStack[] => ENVIRONMENTS.flatMap(stacksOf);

export const manifest = (name: SynthesisedName): Properties => read(name, 'manifest.json');
export const validationReport = (name: SynthesisedName): Properties => read(name, 'validation-report.json');
export const compliance = (name: SynthesisedName) => read(name, 'compliance.json') as unknown as Assessment;

export const ofType = (from: SynthesisedStack, ...types: string[]): Resource[] =>
  from.resources.filter(({ type }) => types.includes(type));

/** Every string anywhere below a value: Fn::ImportValue's and the keys of intrinsics included. */
export function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(strings);
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => [key, ...strings(inner)]);
  return [];
}

/** `{"Fn::GetAtt": ["X", "Arn"]}` or `{"Ref": "X"}` → `X`. */
export function referredTo(value: unknown): string | undefined {
  const { Ref, 'Fn::GetAtt': get } = (value ?? {}) as { Ref?: string; 'Fn::GetAtt'?: [string, string] };
  return Ref ?? get?.[0];
}
