import fc from 'fast-check';
import * as z from 'zod/mini';

type Shape = z.core.$ZodType;
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON Schema, as loose as it is
type Schema = Record<string, any>;

/** What a schema of the contract accepts, as far as its JSON Schema says; a `refine` may still refuse some of it. */
export function accepted(shape: Shape): fc.Arbitrary<unknown> {
  const { $defs = {}, ...schema } = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' }) as Schema;
  return valueOf(schema, $defs as Schema, 0);
}

/** Properties of an object schema, each for itself. */
export function acceptedProperties(shape: Shape | undefined): Record<string, fc.Arbitrary<unknown>> {
  if (!shape) return {};
  const { $defs = {}, properties = {} } = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' }) as Schema;
  return Object.fromEntries(
    Object.entries(properties as Schema).map(([name, schema]) => [name, valueOf(schema as Schema, $defs as Schema, 0)]),
  );
}

function valueOf(schema: Schema, defs: Schema, depth: number): fc.Arbitrary<unknown> {
  const inner = (one: Schema) => valueOf(one, defs, depth + 1);
  const { $ref } = schema as { $ref?: string };
  if (depth > 8) return fc.constant(null);
  if ($ref !== undefined) return inner(defs[$ref.replace('#/$defs/', '')] as Schema);
  if ('const' in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
  const union = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  const examples = Array.isArray(schema.examples) ? [fc.constantFrom(...(schema.examples as unknown[]))] : [];
  if (union) return fc.oneof(...union.map(inner), ...examples);
  switch (schema.type) {
    case 'string':
      return fc.oneof(textOf(schema), ...examples);
    case 'integer':
    case 'number': {
      const range = { min: Math.ceil(Number(schema.minimum ?? -1e6)), max: Math.floor(Number(schema.maximum ?? 1e6)) };
      return fc.integer(range);
    }
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(inner((schema.items ?? {}) as Schema), {
        minLength: Number(schema.minItems ?? 0),
        maxLength: Math.min(Number(schema.maxItems ?? 3), Number(schema.minItems ?? 0) + 3),
      });
    case 'object': {
      const properties = Object.entries((schema.properties ?? {}) as Schema).map(([name, one]) => [
        name,
        inner(one as Schema),
      ]);
      return fc.record(Object.fromEntries(properties) as Record<string, fc.Arbitrary<unknown>>, {
        requiredKeys: (schema.required ?? []) as string[],
      });
    }
    default:
      return examples[0] ?? fc.jsonValue({ maxDepth: 2 });
  }
}

function textOf(schema: Schema): fc.Arbitrary<string> {
  switch (schema.format) {
    case 'date':
      return calendarTimes().map((date) => date.toISOString().slice(0, 10));
    case 'date-time':
      return calendarTimes().map((date) => date.toISOString());
    case 'email':
      return fc.emailAddress();
    case 'uuid':
      return fc.uuid();
    case 'uri':
      return fc.webUrl();
  }
  const patterns = [schema, ...((schema.allOf ?? []) as Schema[])].flatMap(({ pattern }) =>
    pattern ? [String(pattern)] : [],
  );
  const lengths = {
    minLength: Number(schema.minLength ?? 0),
    maxLength: Math.min(Number(schema.maxLength ?? 40), 200),
  };
  return patterns[0] === undefined ? fc.string(lengths) : fc.stringMatching(new RegExp(patterns[0]));
}

const calendarTimes = () => fc.date({ min: new Date('2020-01-01'), max: new Date('2027-12-31'), noInvalidDate: true });
