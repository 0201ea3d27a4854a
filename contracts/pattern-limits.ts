/*
 * Limits for patterns in policies and task definitions. RE2 matches in linear time, but a short pattern can compile to a long program:
 * `a{1000}` is a thousand instructions. The compiled size is therefore limited, and so are the steps to match values.
 */

/** The maximum number of instructions of one compiled pattern. */
export const maxPatternSize = 5_000;

/** The maximum number of instructions of all different patterns of a policy or a task definition. */
export const maxPatternsSize = 50_000;

/**
 * The maximum number of classes such as `\p{L}` and of ranges beyond ASCII in all different patterns of a policy or a task definition.
 * Where case is ignored, the compiler folds each of their characters, which takes milliseconds for a single instruction.
 */
export const maxWideClasses = 100;

/** Returns how many such classes and ranges a pattern has. */
export const countWideClasses = (pattern: string): number =>
  pattern.match(/\\[pP]|-(?:\\x\{|[^\0-\x7f])/g)?.length ?? 0;

/**
 * The maximum number of steps to match all values of a command or a request: one per instruction of a pattern and byte of its value.
 * RE2JS takes about 0.1 s for that.
 */
export const maxMatchingSteps = 2_000_000;

/** The expectation to show for values that take more steps. */
export const expectedFewerSteps = `shorter values: matching them with their patterns takes more than ${maxMatchingSteps} steps (instructions times bytes)`;
