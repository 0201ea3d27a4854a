import { setTimeout as wait } from 'node:timers/promises';

import { errorResponse } from './responses.ts';

/** How a call fails. `cut`: the connection is closed without a response, before or after the call was carried out. */
type Failure =
  | { kind: 'primary-limit'; resetSeconds: number }
  | { kind: 'secondary-limit'; status: 403 | 429; retryAfterSeconds: number }
  | { kind: 'error'; status: 500 | 502 | 503 | 504 }
  | { kind: 'slow'; milliseconds: number }
  | { kind: 'cut'; when: 'before' | 'after' };

/** A failure of the next calls. `method` and `path` (without `/api/v3`) select the calls; without them, any call matches. */
export type InjectedFault = { times: number; method?: string; path?: RegExp; failure: Failure };

export type FaultInjector = {
  /** Adds a fault. Earlier faults apply first. */
  plan(fault: InjectedFault): void;
  /** Handles a call, with an injected fault if one matches. */
  answer(request: Request, url: URL, work: () => Promise<Response>): Promise<Response>;
  /** Ends slow responses. */
  close(): void;
};

/** The error of a connection that was closed by an injected fault. */
export class ConnectionCutError extends Error {
  override name = 'ConnectionCutError';
}

/** Creates a fault injector for tests, without any faults. */
export const createFaultInjector = (): FaultInjector => {
  const planned: InjectedFault[] = [];
  const closing = new AbortController();
  const take = (method: string, path: string): Failure | undefined => {
    const fault = planned.find((one) => (one.method ?? method) === method && (one.path?.test(path) ?? true));
    if (!fault) return undefined;
    fault.times -= 1;
    if (fault.times <= 0) planned.splice(planned.indexOf(fault), 1);
    return fault.failure;
  };
  return {
    plan: (fault) => void planned.push({ ...fault }),
    answer: async (request, url, work) => {
      const failure = take(request.method, url.pathname);
      if (failure?.kind === 'slow') {
        await wait(failure.milliseconds, undefined, { signal: closing.signal }).catch(() => {});
        return work();
      }
      if (failure?.kind === 'cut') {
        if (failure.when === 'after') await work();
        return brokenResponse();
      }
      return failure ? toErrorResponse(failure) : work();
    },
    close: () => closing.abort(),
  };
};

/** Returns a response whose body fails when it is read, before any of it is sent. */
const brokenResponse = (): Response =>
  new Response(
    new ReadableStream({ start: (stream) => stream.error(new ConnectionCutError('cut on purpose')) }),
  );

type ResponseFailure = Exclude<Failure, { kind: 'slow' | 'cut' }>;

const toErrorResponse = (failure: ResponseFailure): Response => {
  if (failure.kind === 'primary-limit')
    return rateLimitResponse(Math.ceil(Date.now() / 1000) + failure.resetSeconds);
  if (failure.kind === 'error') return errorResponse(failure.status, 'Server Error');
  const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
  return addMissingHeaders(errorResponse(failure.status, message), {
    'retry-after': String(failure.retryAfterSeconds),
  });
};

/** Returns GitHub's response to a caller without remaining calls. `reset`: seconds since 1970. */
export const rateLimitResponse = (reset: number): Response =>
  addMissingHeaders(errorResponse(403, 'API rate limit exceeded for installation.'), {
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(reset),
  });

/** Adds headers to a response. Existing headers stay. */
export const addMissingHeaders = (response: Response, headers: Record<string, string>): Response => {
  for (const [name, value] of Object.entries(headers))
    if (!response.headers.has(name)) response.headers.set(name, value);
  return response;
};
