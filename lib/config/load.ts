import { ConfigError } from './error';
import { type ConfigFile } from './file';
import { presets, throwAway } from './presets';
import { type Config, configSchema, ENVIRONMENT_NAME, RESERVED_WORDS } from './schema';

/** What `cdk -c` may say. */
export interface Context {
  /** `-c env=dev|staging|prod|<slug>`. @default dev */
  readonly env?: unknown;
  /** `-c region=us-east-1,us-west-2`. @default the preset's */
  readonly region?: unknown;
  /** `-c overrides='{"network":{"natGateways":2}}'`, laid over the rest. @default none */
  readonly overrides?: unknown;
  /** What `signal9.config.ts` says, laid over the presets. @default none: the presets alone */
  readonly file?: ConfigFile;
}

/**
 * The preset, then the file, then `-c region`, then `-c overrides`, each laid over the one before, all of it checked.
 * @throws ConfigError naming every field that is wrong
 */
export function loadConfig(context: Context): Config {
  const env = context.env ?? 'dev';
  // Before the rest: the environment picks the preset that the other messages speak of.
  if (typeof env !== 'string' || !ENVIRONMENT_NAME.test(env))
    throw new ConfigError(
      `env ${JSON.stringify(env)} must be dev, staging, prod or 2 to 12 of a-z, 0-9 and "-", starting with a letter`,
    );
  const reserved = RESERVED_WORDS.find((word) => env.includes(word));
  if (reserved !== undefined)
    throw new ConfigError(
      `env ${JSON.stringify(env)} must not contain "${reserved}": Cognito refuses the word in the domain of its sign-in pages`,
    );
  const known = Object.hasOwn(presets, env);
  const layers = [
    known ? presets[env] : throwAway,
    // A throw-away copy is one of dev as the file makes it.
    known ? undefined : context.file?.dev,
    context.file?.[env],
    { env, ...regions(context.region) },
    overrides(context.overrides),
  ];
  const raw = layers.reduce<Tree>((below, layer) => merge(below, layer ?? {}), {});
  const parsed = configSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const complaints = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'config'} ${sentence(issue.message)}`,
  );
  throw new ConfigError(`${env}: ${complaints.join('; ')}`);
}

function regions(value: unknown): { regions?: string[] } {
  if (value === undefined) return {};
  if (typeof value !== 'string') throw new ConfigError('region must be a list such as us-east-1,us-west-2');
  return { regions: value.split(',').map((name) => name.trim()) };
}

function overrides(value: unknown): Tree {
  if (value === undefined) return {};
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    if (isTree(parsed)) return parsed;
  } catch {
    // Told below, as for anything else that is no object.
  }
  throw new ConfigError('overrides must be a JSON object');
}

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Objects are laid over each other, anything else is replaced. */
function merge(base: Tree, over: Tree): Tree {
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isTree(value) && isTree(below) ? merge(below, value) : value;
  }
  return merged;
}

const sentence = (message: string): string =>
  `${message.charAt(0).toLowerCase()}${message.slice(1)}`.replace(/\.$/, '');
