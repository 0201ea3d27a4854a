import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';

/*
 * Patterns of task definitions. RE2 matches in linear time, but a short pattern may stand for a long program: `a{1000}` is a
 * thousand instructions. So a pattern is compiled once, and what it compiles to is limited, as in policies.
 */

/** Characters of one pattern. */
export const maxPatternCharacters = 500;

/** Instructions that one pattern may compile to. */
export const maxPatternSize = 5_000;

/** Instructions that all different patterns of a definition may compile to. */
export const maxPatternsSize = 50_000;

/**
 * Classes such as `\p{L}` and ranges beyond ASCII in all different patterns of a definition. Where case is ignored, the compiler
 * folds each of their characters, which takes milliseconds for a single instruction.
 */
export const maxWideClasses = 100;

export const wideClass = /\\[pP]|-(?:\\x\{|[^\0-\x7f])/g;

/** Characters of a value times instructions of its pattern. RE2JS takes up to half a second for so many. */
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

/** Compiles a pattern, or returns what came of it before. A pattern that is at fault is remembered, too. */
const compileOnce = (source: string): Compiled => {
  const known = compiled.get(source);
  if (known) return known;
  const made = compile(source);
  // The key of a pattern that is too long is not worth its room.
  if (source.length <= maxPatternCharacters) compiled.set(source, made);
  return made;
};

/** Returns how many instructions a pattern compiles to, or what is wrong with it, as the rest of a sentence. */
export const patternSize = (source: string): { size: number } | { fault: string } => compileOnce(source);

/** Returns the most characters that a value of this pattern may have. */
export const maxCharactersFor = (source: string): number => {
  const made = compileOnce(source);
  return 'fault' in made ? 0 : Math.floor(maxSteps / made.size);
};

/** Returns whether a value matches a pattern as a whole. A value that is longer than `maxCharactersFor` does not. */
export const matchesPattern = (source: string, value: string): boolean => {
  const made = compileOnce(source);
  if ('fault' in made || value.length > maxCharactersFor(source)) return false;
  return made.pattern.matcher(value).matches();
};
