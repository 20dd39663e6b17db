import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CloudFormationValidatePlugin, type IPolicyValidationContext } from 'aws-cdk-lib';
import { RememberedValidation } from '../../lib/compliance/remembered-validation';

const folder = mkdtempSync(join(tmpdir(), 'signal9-remembered-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Wrong on purpose: no such property, and a value out of bounds. */
const WRONG = { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: -1, Colour: 'red' } };
const RIGHT = { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 30 } };

let written = 0;
/** Stacks that no synthesis has seen, in a folder of their own. */
function stacks(...resources: object[]): IPolicyValidationContext {
  const at = mkdtempSync(join(folder, 'out-'));
  const stackTemplates = resources.map((Queue, index) => {
    const templatePath = join(at, `${index}.template.json`);
    writeFileSync(templatePath, JSON.stringify({ Resources: { [`Queue${index}`]: Queue } }));
    return { stackConstructPath: `Stack${index}`, templatePath, accountId: undefined, region: `us-test-${written}` };
  });
  written++;
  return { stackTemplates, templatePaths: stackTemplates.map((one) => one.templatePath), appConstruct: new App() };
}

const judgedAgain = jest.spyOn(CloudFormationValidatePlugin.prototype, 'validate');
beforeEach(() => judgedAgain.mockClear());

test('a verdict is the validator’s own, the second time without asking it', () => {
  const cache = join(folder, 'cache-a');
  const validator = new RememberedValidation(cache);
  const context = stacks(WRONG, RIGHT);
  const own = new CloudFormationValidatePlugin().validate(context);
  expect(own.violations.length).toBeGreaterThan(0);
  judgedAgain.mockClear();
  const first = validator.validate(context);
  const second = validator.validate(context);
  expect(judgedAgain).toHaveBeenCalledTimes(1);
  expect(first).toEqual(own);
  expect(second).toEqual(own);
  expect(second.success).toBe(false);
});

test('only a template that changed is judged again, and the report names it where it lies now', () => {
  const cache = join(folder, 'cache-b');
  const validator = new RememberedValidation(cache);
  const before = stacks(RIGHT, WRONG);
  validator.validate(before);
  judgedAgain.mockClear();
  const moved = stacks(RIGHT, WRONG);
  const after = {
    ...moved,
    stackTemplates: moved.stackTemplates.map((one) => ({ ...one, region: before.stackTemplates[0]!.region })),
  };
  const [first] = after.stackTemplates;
  writeFileSync(first!.templatePath, JSON.stringify({ Resources: { Queue0: WRONG } }));
  const { violations } = validator.validate(after);
  expect(judgedAgain.mock.calls.map(([{ stackTemplates }]) => stackTemplates.length)).toEqual([1]);
  const paths = violations.flatMap(({ violatingResources }) =>
    violatingResources.map(({ templatePath }) => templatePath),
  );
  expect(new Set(paths)).toEqual(new Set(after.templatePaths));
});

test('a verdict is of one region and stack, and a file that was cut short is none', () => {
  const cache = join(folder, 'cache-c');
  const validator = new RememberedValidation(cache);
  const context = stacks(WRONG);
  validator.validate(context);
  const [only] = context.stackTemplates;
  validator.validate({ ...context, stackTemplates: [{ ...only!, region: 'us-gov-west-1' }] });
  for (const file of readdirSync(cache)) writeFileSync(join(cache, file), '[{');
  validator.validate(context);
  expect(judgedAgain).toHaveBeenCalledTimes(3);
});
