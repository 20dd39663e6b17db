import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUNDLING_STACKS } from 'aws-cdk-lib/cx-api';
import { refuseUnknownContext } from '../../lib/config';
import { synthesise } from '../../tools/synthesise';
import { type Properties } from '../../tools/templates';

/** What an organisation demands of every stack, by CDK's own context (docs/cdk.md). */
const DEMANDED = {
  '@aws-cdk/core:permissionsBoundary': { name: 'acme-boundary' },
  '@aws-cdk/core:bootstrapQualifier': 'acme',
};
const outdir = mkdtempSync(join(tmpdir(), 'signal9-organisation-'));
afterAll(() => rmSync(outdir, { recursive: true }));
const { app } = synthesise({ overrides: { backup: { enabled: true } } }, outdir, false, {
  ...DEMANDED,
  [BUNDLING_STACKS]: [],
});
const { stacks } = app.synth();

test('the context is taken', () =>
  expect(() => refuseUnknownContext(app.node.getAllContext() as Record<string, unknown>)).not.toThrow());

test('every role has the permissions boundary, those of CDK’s own functions too', () => {
  const roles = stacks.flatMap(({ template }) =>
    Object.entries((template as { Resources: Record<string, Properties> }).Resources).filter(([, { Type }]) =>
      ['AWS::IAM::Role', 'AWS::IAM::User'].includes(Type as string),
    ),
  );
  expect(roles.length).toBeGreaterThan(40);
  const without = roles.filter(
    ([, { Properties }]) => !JSON.stringify(Properties.PermissionsBoundary ?? '').includes(':policy/acme-boundary'),
  );
  expect(without.map(([id]) => id)).toEqual([]);
});

test('nothing speaks of another bootstrap than the one with the qualifier', () => {
  const said = readdirSync(outdir)
    .filter((name) => /(?:template|assets|manifest)\.json$|^manifest\.json$/.test(name))
    .map((name) => readFileSync(join(outdir, name), 'utf8'));
  expect(said.length).toBeGreaterThan(stacks.length * 2);
  expect(said.filter((text) => text.includes('hnb659fds'))).toEqual([]);
  expect(said.filter((text) => text.includes('cdk-acme-')).length).toBeGreaterThan(stacks.length);
});
