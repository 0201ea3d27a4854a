import type { Problem } from '../../../contracts/problem.ts';
import { toJsonResponse } from '../http/answers.ts';

const toErrorResponse = (
  status: number,
  problem: Pick<Problem, 'code' | 'message'> & Partial<Problem>,
  headers: Record<string, string> = {},
): Response =>
  toJsonResponse(status, { error: { field: null, expected: null, received: null, ...problem } }, headers);

/** Says what is needed, and never what was wrong with what came: that is in the log. */
const credentialMessage =
  'A key (header x-functions-key) or the token of a trusted workflow or application (header authorization: Bearer) is needed.';

/** The caller is nobody we know. */
export const toUnauthorized = (): Response =>
  toErrorResponse(
    401,
    { code: 'unauthorized', message: credentialMessage },
    { 'www-authenticate': 'Bearer' },
  );

/** Whether the caller is somebody cannot be told now. */
export const toUnavailable = (): Response =>
  toErrorResponse(
    503,
    { code: 'unavailable', message: 'Tokens cannot be verified at the moment.' },
    { 'retry-after': '10' },
  );

/** The caller is known, and may not. @param field what of the request it may not, if it is one field */
export const toForbidden = (message: string, field: string | null = null): Response =>
  toErrorResponse(403, { code: 'forbidden', message, field });
