import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';

/*
 * Patterns of task definitions. RE2 matches in linear time, but a short pattern can compile to a long program: `a{1000}` is a
 * thousand instructions. A pattern is therefore compiled once, and its compiled size is limited, as in policies.
 */

/** The maximum number of characters of one pattern. */
export const maxPatternCharacters = 500;

/** The maximum number of instructions of one compiled pattern. */
export const maxPatternSize = 5_000;

/** The maximum number of instructions of all different patterns of a definition. */
export const maxPatternsSize = 50_000;

/**
 * The maximum number of classes such as `\p{L}` and ranges beyond ASCII in all different patterns of a definition. Where case is ignored, the compiler
 * folds each of their characters, which takes milliseconds for a single instruction.
 */
export const maxWideClasses = 100;

export const wideClass = /\\[pP]|-(?:\\x\{|[^\0-\x7f])/g;

/** The maximum of a value's characters times its pattern's instructions. RE2JS takes up to half a second for that. */
const maxSteps = 10_000_000;

type Compiled = { pattern: RE2JS; size: number } | { fault: string };

const compiled = new LRUCache<string, Compiled>({
  max: 1_000,
  maxSize: 500_000,
  sizeCalculation: (made) => ('fault' in made ? 1 : made.size),
});

const compile = (source: string): Compiled => {
  const { length } = source;
  if (length > maxPatternCharacters)
    return { fault: `has ${length} characters; at most ${maxPatternCharacters} are allowed` };
  try {
    const pattern = RE2JS.compile(source);
    const size = pattern.programSize();
    if (size <= maxPatternSize) return { pattern, size };
    return { fault: `compiles to ${size} instructions; at most ${maxPatternSize} are allowed` };
  } catch {
    return { fault: 'is not a regular expression' };
  }
};

/** Compiles a pattern, or returns the cached result. Invalid patterns are cached, too. */
const compileOnce = (source: string): Compiled => {
  const known = compiled.get(source);
  if (known) return known;
  const made = compile(source);
  // Patterns that are too long are not worth caching.
  if (source.length <= maxPatternCharacters) compiled.set(source, made);
  return made;
};

/** Returns the number of instructions of a compiled pattern, or its problem as the rest of a sentence. */
export const patternSize = (source: string): { size: number } | { fault: string } => compileOnce(source);

/** Returns the maximum length of a value for this pattern, in characters. */
export const maxCharactersFor = (source: string): number => {
  const made = compileOnce(source);
  return 'fault' in made ? 0 : Math.floor(maxSteps / made.size);
};

/** Returns whether a whole value matches a pattern. A value longer than `maxCharactersFor` does not match. */
export const matchesPattern = (source: string, value: string): boolean => {
  const made = compileOnce(source);
  if ('fault' in made || value.length > maxCharactersFor(source)) return false;
  return made.pattern.matcher(value).matches();
};
