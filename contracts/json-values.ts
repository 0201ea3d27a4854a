import * as v from 'valibot';

/** Returns whether a value is an object other than a list and null. */
const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object. Schemas of records and objects also accept a list. */
export const plainObject = v.custom<Record<string, unknown>>(isPlainObject, 'expected an object');

/** A value of a parameter. */
export const scalar = v.union(
  [v.string(), v.number(), v.boolean()],
  'expected a string, a number or a boolean',
);

/** Returns the schema of an integer in a range, as a number or, as in a query string, as digits. The range is in its metadata. */
export const integerInRange = (min: number, max: number) => {
  const expected = `expected an integer from ${min} to ${max}`;
  return v.pipe(
    v.union([v.number(), v.pipe(v.string(), v.regex(/^-?\d{1,15}$/), v.transform(Number))], expected),
    v.check((n) => Number.isInteger(n) && n >= min && n <= max, expected),
    v.metadata({ min, max }),
  );
};

/** A count. */
export const nonNegativeInteger = v.pipe(v.number(), v.integer(), v.minValue(0));

const hexMessage = 'expected 64 lowercase hex digits';
/** A sha256 hash. */
export const Sha256 = v.pipe(v.string(hexMessage), v.regex(/^[0-9a-f]{64}$/, hexMessage));
