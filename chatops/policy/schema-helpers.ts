import * as v from 'valibot';

/*
 * Schemas of the policy file. Their messages are what was expected, in words: `one of app, action`.
 */

const isMapping = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Any mapping; a schema for objects or records takes a list for one too. */
export const plainMapping = v.custom<Record<string, unknown>>(isMapping, 'a mapping');

/** What is expected where only some words fit. */
const formatChoices = (choices: readonly string[]): string => `one of ${choices.join(', ')}`;

/** The words of `oneOf`; undefined if something else was expected. */
export const parseChoices = (expected: string): string[] | undefined =>
  /^one of (.+)$/.exec(expected)?.[1]?.split(', ');

/** A mapping with no other keys than these. Every other one is an issue (`strictObject` tells only the first). */
export const strictMapping = <const E extends v.ObjectEntries>(entries: E) =>
  v.pipe(plainMapping, v.objectWithRest(entries, v.never(formatChoices(Object.keys(entries)))));

/** One of some words. */
export const choice = <const W extends readonly string[]>(choices: W) =>
  v.picklist(choices, formatChoices(choices));

export const booleanValue = v.boolean('true or false');

/** An integer from 1. */
export const integerUpTo = (max: number) => {
  const expected = `an integer from 1 to ${max}`;
  return v.pipe(v.number(expected), v.integer(expected), v.minValue(1, expected), v.maxValue(max, expected));
};

/** Text of one form, described by `expected`. */
export const textMatching = (pattern: RegExp, expected: string) =>
  v.pipe(v.string(expected), v.regex(pattern, expected));

/** A list with a maximum length. Entries of a longer list are not checked, because each could be a mistake. */
export const listUpTo = <S extends v.GenericSchema>(entry: S, max: number) => {
  const expected = `at most ${max} entries`;
  const isShort = (value: unknown): boolean => !Array.isArray(value) || value.length <= max;
  return v.pipe(v.custom<unknown>(isShort, expected), v.array(entry, 'a list'), v.maxLength(max, expected));
};

/** What documents and editors say of a key, and what may stand there, as it is written. */
export const describe = <T>(description: string, ...examples: readonly unknown[]) =>
  v.metadata<T, { description: string; examples?: readonly unknown[] }>({
    description,
    ...(examples.length > 0 ? { examples } : {}),
  });
