import * as v from 'valibot';

/*
 * Schemas of the policy file. Their messages are what was expected, in words: `one of app, action`.
 */

const isMapping = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Any mapping; a schema for objects or records takes a list for one too. */
export const anyMapping = v.custom<Record<string, unknown>>(isMapping, 'a mapping');

/** What is expected where only some words fit. */
const oneOf = (words: readonly string[]): string => `one of ${words.join(', ')}`;

/** The words of `oneOf`; undefined if something else was expected. */
export const wordsOf = (expected: string): string[] | undefined =>
  /^one of (.+)$/.exec(expected)?.[1]?.split(', ');

/** A mapping with no other keys than these. Every other one is an issue (`strictObject` tells only the first). */
export const mapping = <const E extends v.ObjectEntries>(entries: E) =>
  v.pipe(anyMapping, v.objectWithRest(entries, v.never(oneOf(Object.keys(entries)))));

/** One of some words. */
export const choice = <const W extends readonly string[]>(words: W) => v.picklist(words, oneOf(words));

export const flag = v.boolean('true or false');

/** An integer from 1. */
export const countTo = (most: number) => {
  const expected = `an integer from 1 to ${most}`;
  return v.pipe(v.number(expected), v.integer(expected), v.minValue(1, expected), v.maxValue(most, expected));
};

/** Text of one form, described by `expected`. */
export const textLike = (form: RegExp, expected: string) =>
  v.pipe(v.string(expected), v.regex(form, expected));

/** A list with a maximum length. Entries of a longer list are not checked, because each could be a mistake. */
export const listOf = <S extends v.GenericSchema>(entry: S, most: number) => {
  const expected = `at most ${most} entries`;
  const isShort = (value: unknown): boolean => !Array.isArray(value) || value.length <= most;
  return v.pipe(v.custom<unknown>(isShort, expected), v.array(entry, 'a list'), v.maxLength(most, expected));
};

/** What documents and editors say of a key, and what may stand there, as it is written. */
export const about = <T>(description: string, ...examples: readonly unknown[]) =>
  v.metadata<T, { description: string; examples?: readonly unknown[] }>({
    description,
    ...(examples.length > 0 ? { examples } : {}),
  });
