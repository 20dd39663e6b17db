import {
  due,
  ENGINES,
  IMAGES,
  type Lifecycle,
  lifecycleOf,
  RUNTIMES,
  RUNTIMES_OF_TRANSFORMS,
} from '../../lib/config/lifecycles';
import { everyStack, type Properties } from './synthesised';

const stacks = everyStack();
const json = stacks.map(({ template }) => template.toJSON());
const distinct = (names: readonly unknown[]): string[] =>
  [...new Set(names)].filter((name) => typeof name === 'string');

const runtimes = distinct([
  ...stacks.flatMap(({ resources }) => resources.map(({ properties }) => properties.Runtime as unknown)),
  ...json.flatMap(({ Transform }) => [Transform].flat().map((name) => RUNTIMES_OF_TRANSFORMS[String(name)])),
]);
const engines = distinct(
  stacks.flatMap(({ resources }) =>
    resources.map(({ properties: { Engine, EngineVersion, MajorEngineVersion } }) =>
      (EngineVersion ?? MajorEngineVersion) ? `${Engine} ${EngineVersion ?? MajorEngineVersion}` : undefined,
    ),
  ),
);
const images = distinct(
  json.flatMap(({ Parameters }) =>
    Object.values((Parameters ?? {}) as Properties)
      .filter(({ Type }: Properties) => String(Type).includes('AWS::EC2::Image::Id'))
      .map(({ Default }: Properties) => Default as unknown),
  ),
);

describe.each([
  ['runtime', runtimes, RUNTIMES],
  ['engine', engines, ENGINES],
  ['image', images, IMAGES],
] as const)('each %s of the templates', (_, used, known) => {
  test('is one whose end is known', () => {
    expect(used).not.toEqual([]);
    expect(used.filter((name) => lifecycleOf(name, known) === undefined)).toEqual([]);
  });

  test('can be created for 60 more days', () => {
    const today = new Date();
    expect(used.map((name) => due(name, lifecycleOf(name, known)!, today)).filter(Boolean)).toEqual([]);
  });
});

test('a transform of a template is one whose functions are known, for their runtime stands nowhere', () => {
  const transforms = distinct(json.flatMap(({ Transform }) => [Transform].flat() as unknown[]));
  expect(transforms.filter((name) => RUNTIMES_OF_TRANSFORMS[name] === undefined)).toEqual([]);
});

describe('what is due', () => {
  const lifecycle: Lifecycle = { supportEnds: '2028-04-30', createBlocked: '2028-06-01', instead: 'nodejs26.x' };

  test('is nothing until 60 days before the last day on which it can be created', () => {
    expect(due('nodejs24.x', lifecycle, new Date('2028-04-02T00:00:00Z'))).toBeUndefined();
  });

  test('is said with the day and what to do', () => {
    expect(due('nodejs24.x', lifecycle, new Date('2028-04-03T00:00:00Z'))).toBe(
      'nodejs24.x cannot be created any more from 2028-06-01, which is in 59 days. Take nodejs26.x. If AWS has moved that day: lib/config/lifecycles.ts',
    );
  });

  test('is the end of support where there is no other day', () => {
    expect(
      due('valkey 8', { supportEnds: '2028-03-31', instead: 'valkey 9' }, new Date('2028-04-01T00:00:00Z')),
    ).toMatch(/^valkey 8 is supported until 2028-03-31, which is in -1 days/);
  });
});

test.each([
  ['postgres 15', true],
  ['postgres 15.17', true],
  ['postgres 150', false],
  ['aurora-mysql 8.0.mysql_aurora.3.10.4', true],
  ['aurora-mysql 8.0.mysql_aurora.3.1', false],
])('%s is found by the beginning of its version: %s', (name, found) => {
  expect(lifecycleOf(name, ENGINES) !== undefined).toBe(found);
});
