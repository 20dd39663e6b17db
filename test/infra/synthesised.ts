import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { type Region } from '../../lib/config';
import { names } from '../../lib/names';
import { STACKS } from '../../lib/platform';
import { type Assessment } from '../../tools/compliance/findings';
import { COPY, ENVIRONMENTS as DOCUMENTED } from '../../tools/synthesise';
import { type Properties, type Resource, resourcesOf, type TemplateStack } from '../../tools/templates';
import { type DroppedStatement } from './keys/dropped-statements';

export { type Acknowledged } from '../../tools/compliance/findings';
export { type Properties, referredTo, type Resource } from '../../tools/templates';
/** What an acknowledgement is compared with. */
export type Finding = Pick<Assessment['findings'][number], 'path' | 'id'>;

/** What is synthesised, and by which context: each preset, a throw-away copy, and three regions. */
export const SYNTHESISED = {
  ...DOCUMENTED,
  ...COPY,
  everywhere: { env: 'dev', region: 'us-east-1,us-east-2,us-west-2' },
} as const;

export type SynthesisedName = keyof typeof SYNTHESISED;
export type StackPart = TemplateStack['part'];

/** One stack of one environment and region, as it would be deployed. */
export interface SynthesisedStack extends TemplateStack {
  /** `prod us-east-2 Data`, for the names of tests. */
  readonly label: string;
  /** `Signal9-prod-us-east-2-Data`. */
  readonly name: string;
  readonly environment: SynthesisedName;
  readonly template: Template;
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
  return {
    label: `${name} ${region} ${part}`,
    name: names.stack(env, region, part),
    environment: name,
    env,
    region,
    part,
    template: Template.fromJSON(json),
    resources: resourcesOf(json),
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

/** What CDK dropped on imported keys during the synthesis. */
export const dropped = (name: SynthesisedName) => read(name, 'dropped.json') as unknown as DroppedStatement[];

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
