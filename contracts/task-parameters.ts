import type { TaskParameter } from './task-definition.ts';

/** What is shown instead of the value of a secret parameter. */
export const secretMask = '***';

type ParameterType = TaskParameter['parameterType'];

const numberPattern = /^-?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,3})?$/;

const typeChecks: Record<ParameterType, (value: string) => boolean> = {
  string: () => true,
  number: (value) => numberPattern.test(value) && Number.isFinite(Number(value)),
  integer: (value) => /^-?\d{1,16}$/.test(value) && Number.isSafeInteger(Number(value)),
  boolean: (value) => value === 'true' || value === 'false',
};

/** The types of parameters in words. */
export const typeLabels = {
  string: 'a string',
  number: 'a number',
  integer: 'an integer',
  boolean: 'true or false',
} as const satisfies Record<ParameterType, string>;

/** Matches values with patterns, in a limited number of steps. */
type PatternMatcher = {
  match: (pattern: string, value: string) => 'match' | 'mismatch' | 'exhausted';
};

/**
 * Returns why a declared parameter cannot have a value: its type, its allowed values, its pattern, or because matching would take
 * too many steps; undefined if it can have the value.
 */
export const findParameterMismatch = (
  { parameterType, allowed, pattern }: TaskParameter,
  value: string,
  matcher: PatternMatcher,
): 'type' | 'allowed' | 'pattern' | 'steps' | undefined => {
  if (!typeChecks[parameterType](value)) return 'type';
  if (allowed && !allowed.some((one) => String(one) === value)) return 'allowed';
  const outcome = pattern === undefined ? 'match' : matcher.match(pattern, value);
  if (outcome === 'match') return undefined;
  return outcome === 'mismatch' ? 'pattern' : 'steps';
};

/** Describes the values that a declared parameter can have. */
export const describeParameter = ({ parameterType, allowed, pattern }: TaskParameter): string => {
  if (allowed) return `one of ${allowed.map(String).join(', ')}`;
  const label = typeLabels[parameterType];
  return pattern === undefined ? label : `${label} that matches ${pattern} as a whole`;
};
