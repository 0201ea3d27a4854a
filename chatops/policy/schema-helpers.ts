import * as v from 'valibot';

/*
 * Building blocks of the policy schema. Their messages describe what was expected: `one of app, action`.
 */

const isMapping = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Accepts any mapping. valibot's own schemas for objects and records also accept lists. */
export const plainMapping = v.custom<Record<string, unknown>>(isMapping, 'a mapping');

/** Formats what `choice` expects. */
const formatChoices = (choices: readonly string[]): string => `one of ${choices.join(', ')}`;

/** Parses the words of a description by `formatChoices`; undefined for any other description. */
export const parseChoices = (expected: string): string[] | undefined =>
  /^one of (.+)$/.exec(expected)?.[1]?.split(', ');

/** Accepts a mapping with only these keys. Each other key is an issue (`strictObject` reports only the first). */
export const strictMapping = <const E extends v.ObjectEntries>(entries: E) =>
  v.pipe(plainMapping, v.objectWithRest(entries, v.never(formatChoices(Object.keys(entries)))));

/** Accepts one of some words. */
export const choice = <const W extends readonly string[]>(choices: W) =>
  v.picklist(choices, formatChoices(choices));

export const booleanValue = v.boolean('true or false');

/** Accepts an integer from 1 to `max`. */
export const integerUpTo = (max: number) => {
  const expected = `an integer from 1 to ${max}`;
  return v.pipe(v.number(expected), v.integer(expected), v.minValue(1, expected), v.maxValue(max, expected));
};

/** Accepts text that matches a pattern, which `expected` describes. */
export const textMatching = (pattern: RegExp, expected: string) =>
  v.pipe(v.string(expected), v.regex(pattern, expected));

/** Accepts a list with a maximum length. Entries of a longer list are not checked, because each could be an error. */
export const listUpTo = <S extends v.GenericSchema>(entry: S, max: number) => {
  const expected = `at most ${max} entries`;
  const isShort = (value: unknown): boolean => !Array.isArray(value) || value.length <= max;
  return v.pipe(v.custom<unknown>(isShort, expected), v.array(entry, 'a list'), v.maxLength(max, expected));
};

/** Attaches a description and examples to a key, for the docs and for editors. */
export const describe = <T>(description: string, ...examples: readonly unknown[]) =>
  v.metadata<T, { description: string; examples?: readonly unknown[] }>({
    description,
    ...(examples.length > 0 ? { examples } : {}),
  });
