import {
  countWideClasses,
  maxPatternSize,
  maxPatternsSize,
  maxWideClasses,
} from '../../contracts/pattern-limits.ts';
import { compilePattern } from '../command/values/pattern.ts';

/*
 * Anyone can send patterns, and a short pattern can compile to a long program: `a{1000}` is a thousand instructions. Each
 * different pattern is therefore compiled once, and the total size is limited.
 */

/** The maximum number of different patterns in one policy file. */
export const maxPatterns = 200;

/** A problem with one of a file's patterns. `received`: null means the pattern itself. */
type PatternProblem = { message: string; expected: string; received: string | null };

const expectedPattern = 'a pattern in RE2 syntax, without lookarounds or backreferences';

/**
 * Compiles each different pattern of a file once, one after another, and stops when a limit is exceeded. At most one pattern that
 * is too large is therefore compiled, and its cost is bounded by its length and its classes.
 */
export class PatternBudget {
  readonly #faults = new Map<string, PatternProblem | undefined>();
  #size = 0;
  #wideClasses = 0;
  #isSpent = false;

  /** Returns the problem of a pattern: once per different pattern, and once per limit. */
  check(pattern: string): PatternProblem | undefined {
    if (this.#isSpent || this.#faults.has(pattern)) return undefined;
    if (this.#faults.size >= maxPatterns)
      return this.#spend('The file has too many patterns', {
        expected: `at most ${maxPatterns} different patterns`,
        received: `more than ${maxPatterns}`,
      });
    this.#wideClasses += countWideClasses(pattern);
    if (this.#wideClasses > maxWideClasses)
      return this.#spend('The patterns in this file have too many character classes', {
        expected: `at most ${maxWideClasses} classes such as \\pL and ranges beyond ASCII in all patterns`,
        received: `at least ${this.#wideClasses}`,
      });
    const fault = this.#compile(pattern);
    this.#faults.set(pattern, fault);
    return fault;
  }

  #compile(pattern: string): PatternProblem | undefined {
    let size: number;
    try {
      size = compilePattern(pattern).programSize();
    } catch (error) {
      const [, fault = 'it cannot be compiled'] =
        /^error parsing regexp: (.*)$/s.exec((error as Error).message) ?? [];
      return { message: `The pattern is not valid: ${fault}`, expected: expectedPattern, received: null };
    }
    this.#size += size;
    if (size > maxPatternSize)
      return this.#spend('The pattern is too large', {
        expected: `a pattern that compiles to at most ${maxPatternSize} instructions`,
        received: `${size} instructions`,
      });
    if (this.#size > maxPatternsSize)
      return this.#spend('The patterns in this file are too large in total', {
        expected: `patterns that compile to at most ${maxPatternsSize} instructions`,
        received: `at least ${this.#size} instructions`,
      });
    return undefined;
  }

  #spend(message: string, limit: Pick<PatternProblem, 'expected' | 'received'>): PatternProblem {
    this.#isSpent = true;
    return { message, ...limit };
  }
}
