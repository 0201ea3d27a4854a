import type { IncomingMessage } from 'node:http';

/** Why a request is not a GitHub webhook, and the answer to it. */
type HeaderProblem = { status: 400 | 405 | 415; message: string };

/** The form of GitHub's signatures; verifying one needs the whole body. */
const signature = /^sha256=[\da-f]{64}$/;
/** Property names of every JavaScript object, such as `constructor`, are not events. */
const isEventName = (name: string): boolean => /^[a-z][a-z0-9_]{0,99}$/.test(name) && !(name in {});

/**
 * Returns why a request cannot be a webhook, using only its headers, before any of the body is read. Source:
 * https://docs.github.com/webhooks/webhook-events-and-payloads#delivery-headers
 */
export const findHeaderProblem = ({ method, headers }: IncomingMessage): HeaderProblem | undefined => {
  const text = (name: string): string => String(headers[name] ?? '');
  if (method !== 'POST') return { status: 405, message: 'expected method POST' };
  if (!/^application\/json(?:;|$)/i.test(text('content-type')))
    return { status: 415, message: 'expected content type application/json' };
  if (!signature.test(text('x-hub-signature-256')))
    return { status: 400, message: 'the header x-hub-signature-256 is missing or malformed' };
  if (!isEventName(text('x-github-event')))
    return { status: 400, message: 'the header x-github-event is missing or malformed' };
  if (!/^[\x21-\x7e]{1,200}$/.test(text('x-github-delivery')))
    return { status: 400, message: 'the header x-github-delivery is missing or malformed' };
  return undefined;
};
