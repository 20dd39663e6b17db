import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** JSON as loosely as a template is. */
export type Json = Readonly<Record<string, unknown>>;

/** Where a stack is deployed. */
export interface Place {
  readonly environment: string;
  readonly region: string;
}

export interface AssembledStack {
  readonly place: Place;
  readonly name: string;
  readonly template: Json;
  /** Whether CloudFormation refuses to delete it. */
  readonly protected: boolean;
}

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly properties?: {
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly terminationProtection?: boolean;
  };
}

/** Every stack of a synthesised environment, with the hashes of assets replaced by those of their code. */
export function readAssembly(environment: string, folder: string): AssembledStack[] {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const { artifacts } = JSON.parse(read('manifest.json')) as { artifacts: Record<string, Artifact> };
  const code = JSON.parse(read('code.json')) as Record<string, string>;
  return Object.entries(artifacts)
    .filter(([, { type }]) => type === 'aws:cloudformation:stack')
    .map(([id, { environment: target = '', properties = {} }]) => ({
      place: { environment, region: target.split('/').at(-1) ?? '' },
      name: properties.stackName ?? id,
      template: parseTemplate(read(properties.templateFile ?? ''), code),
      protected: properties.terminationProtection === true,
    }));
}

/** The hash of an asset in a template that this program read. */
export const ASSET = /asset-[0-9a-f]{64}/g;

/** @param code from the hashes in the template to the hashes of code */
export function parseTemplate(text: string, code: Readonly<Record<string, string>>): Json {
  const named = text.replace(/\b[0-9a-f]{64}\b/g, (hash) =>
    Object.hasOwn(code, hash) ? `asset-${code[hash] ?? ''}` : hash,
  );
  const { Metadata: _, Resources = {}, ...rest } = JSON.parse(named) as Json & { Resources?: Record<string, Json> };
  return {
    ...rest,
    Resources: Object.fromEntries(Object.entries(Resources).map(([id, of]) => [id, withoutNotes(of)])),
  };
}

/** Metadata that only tools read: a deployment does nothing for it. */
const NOTE = /^(cdk_nag$|aws:cdk:|aws:asset:)/;

function withoutNotes({ Metadata, ...resource }: Json): Json {
  const kept = Object.entries((Metadata ?? {}) as Json).filter(([key]) => !NOTE.test(key));
  return kept.length === 0 ? resource : { ...resource, Metadata: Object.fromEntries(kept) };
}
