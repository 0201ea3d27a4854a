import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasBody, sendResponse } from './send-response.ts';
import { systemClock } from '../async/clock.ts';
import { allowedMethods } from './request-problem.ts';

/** Answers in the error form of the HTTP API, and closes the connection to further requests. */
export const refuse = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { status, code, message }: { status: number; code: string; message: string },
  clock = systemClock,
): Promise<void> => {
  const body = Buffer.from(
    JSON.stringify({ error: { code, field: null, message, expected: null, received: null } }),
  );
  const headers = ['content-type', 'application/json'];
  if (status === 405) headers.push('allow', allowedMethods);
  if (status === 503) headers.push('retry-after', '1');
  if (!hasBody(incoming) || incoming.complete) headers.push('connection', 'close');
  const lingers = status !== 408 && status !== 503;
  return sendResponse(incoming, outgoing, { status, headers, body }, { clock, lingers });
};
