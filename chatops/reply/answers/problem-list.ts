import type { Problem } from '../../../compute/client/index.ts';
import { toCodeSpan, escapeUnlessPlain } from '../../markdown/untrusted-text.ts';
import { formatExact } from '../exact-text.ts';

const maxPoints = 20;

/** At most so many points of a list, and how many more there are. */
export const toBulletList = (texts: readonly string[]): string[] => [
  ...texts.slice(0, maxPoints).map((text) => `- ${text}`),
  ...(texts.length > maxPoints ? [`- and ${texts.length - maxPoints} more.`] : []),
];

/** `Expected this, received that.` */
export const formatExpectation = (expected: string | null, received: string | null): string | undefined =>
  expected === null
    ? undefined
    : `Expected ${escapeUnlessPlain(expected)}${received === null ? '' : `, received ${formatExact(received)}`}.`;

/** What is wrong with a request, by the name of the field that it is about. */
export const formatProblem = ({ code, field, message, expected, received }: Problem): string => {
  if (field === null || expected === null || code === 'undeclared-parameter')
    return `${escapeUnlessPlain(message)}.`;
  return `${toCodeSpan(field)}: expected ${escapeUnlessPlain(expected)}${received === null ? '' : `, received ${formatExact(received)}`}.`;
};
