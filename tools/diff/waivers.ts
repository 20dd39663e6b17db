import { z } from 'zod';
import { DESTRUCTIVE, type Destruction } from './destructive';
import { DiffFailure } from './failure';

/** A waiver is for one pull request: long enough for a slow one, too short to be forgotten. */
const LONGEST_DAYS = 90;
const DAY_MS = 86_400_000;

const reason = z
  .string()
  .trim()
  .refine(
    (text) => text.length >= 30 && text.split(/\s+/).length >= 5,
    'must say in a sentence (30 characters or more) why losing it is right',
  );

const waiverSchema = z.strictObject({
  /** Name of the stack; `*` stands for any characters of environment and region, never for which of the stacks it is. */
  stack: z
    .string()
    .regex(
      /^[A-Za-z0-9]+-([A-Za-z0-9*-]+-)?[A-Za-z0-9]+$/,
      'must be a name of stacks with its first and last part in full, in which * stands for anything',
    ),
  /** Logical id, in full. */
  resource: z.string().regex(/^[A-Za-z0-9]+$/, 'must be one logical id, in full'),
  change: z.enum(DESTRUCTIVE),
  reason,
  /** The last day, in UTC, on which it counts. */
  expires: z.iso.date('must be a day such as 2026-12-31'),
});

export type Waiver = z.infer<typeof waiverSchema>;

/**
 * @param text the waiver file
 * @param now what "no further ahead" is counted from
 * @throws DiffFailure naming every field that is wrong
 */
export function parseWaivers(text: string, now: Date): readonly Waiver[] {
  const latest = day(new Date(now.getTime() + LONGEST_DAYS * DAY_MS));
  const file = z.strictObject({
    waivers: z.array(
      waiverSchema.refine(({ expires }) => expires <= latest, {
        path: ['expires'],
        error: `must be no later than ${latest}, ${LONGEST_DAYS} days ahead`,
      }),
    ),
  });
  const parsed = file.safeParse(json(text));
  if (parsed.success) return parsed.data.waivers;
  const complaints = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  throw new DiffFailure(`waivers.json: ${complaints.join('; ')}`);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new DiffFailure('waivers.json is not JSON');
  }
}

/** A destructive change with what the waiver file says of it. */
export type Judged = Destruction & { readonly waiver?: Waiver; readonly expired?: Waiver };

export interface Verdict {
  readonly changes: readonly Judged[];
  /** Waivers past their day, whether something still needed them or not. */
  readonly expired: readonly Waiver[];
  /** Waivers that count and that nothing needed. */
  readonly unused: readonly Waiver[];
}

export function judge(changes: readonly Destruction[], waivers: readonly Waiver[], now: Date): Verdict {
  const today = day(now);
  const [counting, expired] = [
    waivers.filter(({ expires }) => expires >= today),
    waivers.filter(({ expires }) => expires < today),
  ];
  const judged = changes.map((change): Judged => {
    const waiver = counting.find((one) => names(one, change));
    const late = waiver ? undefined : expired.find((one) => names(one, change));
    return { ...change, ...(waiver && { waiver }), ...(late && { expired: late }) };
  });
  const unused = counting.filter((waiver) => !changes.some((change) => names(waiver, change)));
  return { changes: judged, expired, unused };
}

function names({ stack, resource, change }: Waiver, destruction: Destruction): boolean {
  const pattern = new RegExp(`^${stack.split('*').join('.*')}$`);
  return resource === destruction.resource && change === destruction.change && pattern.test(destruction.stack);
}

const day = (at: Date): string => at.toISOString().slice(0, 10);
