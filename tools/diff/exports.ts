import { deepEqual, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { type AssembledStack, type Json } from './assembly';
import { type StackDifference } from './compare';
import { type PlacedRow } from './rows';

/**
 * Exports that go, or get another value, while a stack of the base imports them: CloudFormation refuses that as long as
 * the importing stack is as it was, and `cdk deploy` updates the exporting one first.
 */
export function exportRows(base: readonly AssembledStack[], differences: readonly StackDifference[]): PlacedRow[] {
  return differences.flatMap((stack) => {
    const { place, name } = stack;
    const neighbours = base.filter(
      (one) => one.place.environment === place.environment && one.place.region === place.region,
    );
    const old = neighbours.find((one) => one.name === name);
    return outputsOf(old).flatMap(([id, output]): PlacedRow[] => {
      const exported = exportOf(output);
      const change = changeOf(stack, id, output);
      if (exported === undefined || change === undefined) return [];
      const users = neighbours.filter(({ template }) => imports(template, exported)).map((one) => one.name);
      return users.length === 0
        ? []
        : [{ section: 'exports', place, stack: name, cells: [[change], [exported], users] }];
    });
  });
}

interface Output {
  readonly Value?: unknown;
  readonly Export?: { readonly Name?: unknown };
}

const outputsOf = (stack: AssembledStack | undefined): [string, Output][] =>
  Object.entries((stack?.template.Outputs ?? {}) as Record<string, Output>);

const exportOf = ({ Export }: Output): string | undefined =>
  typeof Export?.Name === 'string' ? Export.Name : undefined;

function changeOf({ how, difference }: StackDifference, id: string, output: Output): string | undefined {
  // A stack that the app no longer has stays as it is deployed, with its exports.
  if (how === 'removed') return undefined;
  const change = Object.entries(difference.outputs.changes).find(([name]) => name === id)?.[1];
  const now = change ? (change.newValue as Output | undefined) : output;
  if (now === undefined || exportOf(now) !== exportOf(output)) return 'goes';
  const replaced = Object.entries(difference.resources.changes).some(
    ([resource, { changeImpact }]) => changeImpact === ResourceImpact.WILL_REPLACE && refersTo(now.Value, resource),
  );
  return replaced || !deepEqual(now.Value, output.Value) ? 'gets another value' : undefined;
}

const inside = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value as Json) : [];

const refersTo = (value: unknown, resource: string): boolean =>
  inside(value).some(
    ([key, inner]) =>
      (key === 'Ref' && inner === resource) ||
      (key === 'Fn::GetAtt' && Array.isArray(inner) && inner[0] === resource) ||
      refersTo(inner, resource),
  );

const imports = (value: unknown, name: string): boolean =>
  inside(value).some(([key, inner]) => (key === 'Fn::ImportValue' ? inner === name : imports(inner, name)));
