import { STACKS } from '../../../lib/platform';
import { ENVIRONMENTS, manifest, type Properties, strings, SYNTHESISED, type SynthesisedStack } from '../synthesised';
import { stacks } from './check';

describe('stacks', () => {
  test('use only what stands to their left', () => {
    const wrong = stacks.flatMap((of) => {
      const imports = strings(of.template.toJSON()).filter(
        (text) =>
          /^Signal9-.*:ExportsOutput/.test(text) &&
          !Object.values(of.outputs).some((o: Properties) => o.Export?.Name === text),
      );
      return imports
        .map((name) => name.split(':')[0]!)
        .filter((producer) => {
          const prefix = `Signal9-${of.env}-${of.region}-`;
          const part = producer.slice(prefix.length) as SynthesisedStack['part'];
          return !producer.startsWith(prefix) || STACKS.indexOf(part) >= STACKS.indexOf(of.part);
        })
        .map((producer) => `${of.label} uses ${producer}`);
    });
    expect(wrong).toEqual([]);
  });

  test('import nothing that they export themselves: they would wait for it', () => {
    const imports = (value: unknown): unknown[] =>
      typeof value !== 'object' || value === null
        ? []
        : Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
            key === 'Fn::ImportValue' ? [inner] : imports(inner),
          );
    for (const { label, outputs, resources } of stacks) {
      const own = new Set(Object.values(outputs).map((output: Properties) => output.Export?.Name as unknown));
      const used = resources.flatMap(({ properties }) => imports(properties));
      expect([label, used.filter((name) => name !== undefined && own.has(name))]).toEqual([label, []]);
    }
  });

  test('depend on each other only from left to right, in the order of deployment', () => {
    for (const name of ENVIRONMENTS) {
      const artifacts = Object.entries(manifest(name).artifacts as Record<string, Properties>).filter(
        ([, artifact]) => artifact.type === 'aws:cloudformation:stack',
      );
      for (const [id, { dependencies = [] }] of artifacts)
        for (const on of (dependencies as string[]).filter((other) => !other.endsWith('.assets'))) {
          const order = (stackName: string) => STACKS.findIndex((part) => stackName.endsWith(`-${part}`));
          expect({ id, on, before: order(on) < order(id) }).toEqual({ id, on, before: true });
        }
    }
  });

  test.each([
    ['dev', 7],
    ['staging', 7],
    ['prod', 21],
    ['pr3522', 7],
    ['everywhere', 21],
  ] as const)('of %s are %d', (name, count) => {
    const made = Object.values(manifest(name).artifacts as Record<string, Properties>).filter(
      ({ type }) => type === 'aws:cloudformation:stack',
    );
    expect(made).toHaveLength(count);
    expect(Object.keys(SYNTHESISED)).toContain(name);
  });

  test('belong to no account: they deploy wherever the credentials are', () => {
    for (const { template } of stacks)
      expect(JSON.stringify(template.toJSON())).not.toMatch(/cdk-hnb659fds-assets-\d{12}/);
  });

  test('are protected in prod', () => {
    const artifacts = Object.values(manifest('prod').artifacts as Record<string, Properties>).filter(
      ({ type }) => type === 'aws:cloudformation:stack',
    );
    for (const { properties } of artifacts) expect(properties.terminationProtection).toBe(true);
  });

  test('fit into CloudFormation with room to grow: 500 resources, 1 MB', () => {
    for (const { label, resources, template } of stacks) {
      expect([label, resources.length < 400]).toEqual([label, true]);
      expect([label, JSON.stringify(template.toJSON()).length < 800_000]).toEqual([label, true]);
    }
  });
});
