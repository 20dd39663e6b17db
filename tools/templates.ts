import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Region } from '../lib/config';
import { names } from '../lib/names';
import { STACKS } from '../lib/platform';

/** A part of a template, as loosely as JSON is. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Properties = Record<string, any>;

export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Properties;
  readonly raw: Properties;
}

/** One stack of one environment and region, as its template says it. */
export interface TemplateStack {
  readonly env: string;
  readonly region: Region;
  readonly part: (typeof STACKS)[number];
  readonly resources: readonly Resource[];
  readonly outputs: Properties;
}

export const resourcesOf = (template: Properties): Resource[] =>
  Object.entries(template.Resources as Record<string, Properties>).map(([logicalId, raw]) => ({
    logicalId,
    type: raw.Type as string,
    properties: (raw.Properties ?? {}) as Properties,
    raw,
  }));

/** The seven stacks of one region, from where they were synthesised to. */
export function readStacks(outdir: string, env: string, region: Region): TemplateStack[] {
  return STACKS.map((part) => {
    const file = join(outdir, `${names.stack(env, region, part)}.template.json`);
    const template = JSON.parse(readFileSync(file, 'utf8')) as Properties;
    return { env, region, part, resources: resourcesOf(template), outputs: (template.Outputs ?? {}) as Properties };
  });
}

/** `{"Fn::GetAtt": ["X", "Arn"]}` or `{"Ref": "X"}` → `X`. */
export function referredTo(value: unknown): string | undefined {
  const { Ref, 'Fn::GetAtt': get } = (value ?? {}) as { Ref?: string; 'Fn::GetAtt'?: [string, string] };
  return Ref ?? get?.[0];
}

/** Every object and array below a value, itself included. */
export function* parts(value: unknown): Generator<Properties> {
  if (typeof value !== 'object' || value === null) return;
  yield value;
  for (const inner of Object.values(value)) yield* parts(inner);
}
