import type { Problem } from '../../../compute/client/index.ts';
import { toCodeSpan, escapeUnlessPlain } from '../../markdown/untrusted-text.ts';
import { formatExact } from '../exact-text.ts';

const maxPoints = 20;

/** Formats a bullet list, with the number of omitted entries if there are more than the maximum. */
export const toBulletList = (texts: readonly string[]): string[] => [
  ...texts.slice(0, maxPoints).map((text) => `- ${text}`),
  ...(texts.length > maxPoints ? [`- and ${texts.length - maxPoints} more.`] : []),
];

/** Formats `Expected this, received that.` */
export const formatExpectation = (expected: string | null, received: string | null): string | undefined =>
  expected === null
    ? undefined
    : `Expected ${escapeUnlessPlain(expected)}${received === null ? '' : `, received ${formatExact(received)}`}.`;

/** Formats a problem of a request, with the name of its field. */
export const formatProblem = ({ code, field, message, expected, received }: Problem): string => {
  if (field === null || expected === null || code === 'undeclared-parameter')
    return `${escapeUnlessPlain(message)}.`;
  return `${toCodeSpan(field)}: expected ${escapeUnlessPlain(expected)}${received === null ? '' : `, received ${formatExact(received)}`}.`;
};
