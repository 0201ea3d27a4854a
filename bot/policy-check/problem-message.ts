import type { PolicyProblem } from '../../chatops/policy/policy.ts';

/** Formats a problem of a policy, without its line, in up to three lines. */
export const formatProblemMessage = ({ path, message, expected, received }: PolicyProblem): string =>
  [
    path === '' ? message : `${path}: ${message}`,
    ...(expected === null ? [] : [`Expected ${expected}.`]),
    ...(received === null ? [] : [`Received ${received}.`]),
  ].join('\n');
