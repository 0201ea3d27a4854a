import type * as v from 'valibot';
import { parseInput, type Problem } from '../../contracts/problem.ts';
import { describeConnectionFailure, isConnectionReset } from './connection-failure.ts';

/** The orchestrator could not be reached, or gave an unexpected answer. `status` is null without an answer. */
export class OrchestratorError extends Error {
  override name = 'OrchestratorError';
  readonly status: number | null;
  constructor(message: string, status: number | null, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }

  /** Whether a later call can succeed. */
  get isTransient(): boolean {
    return this.status === null || [408, 429].includes(this.status) || this.status >= 500;
  }
}

/** The credential for the orchestrator: a key, or a function that returns a token for each call, because tokens expire within minutes. */
export type Credential = { key: string } | { token: (signal: AbortSignal) => Promise<string> };

export type HttpOptions = Credential & {
  /** The orchestrator's base URL, without `/api`. */
  url: string;
  /** Returns the signal that ends a call which starts now, including the request of its token; by default after 8 s. */
  createDeadline?: () => AbortSignal;
  /** Called after each call: whether the orchestrator answered it, with anything but 401 and 5xx. */
  onCall?: (answered: boolean) => void;
};

export type HttpAnswer = { status: number; body: unknown };

/** Sends a request with a JSON body, or with a text as it is. @throws OrchestratorError without a JSON answer */
export type HttpCall = (
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
) => Promise<HttpAnswer>;

const createDefaultDeadline = (): AbortSignal => AbortSignal.timeout(8_000);

export const createHttpCall = (options: HttpOptions): HttpCall => {
  const { createDeadline: until = createDefaultDeadline } = options;
  const send = createHttpSend(options);
  return (method, path, body, abort) => {
    const signal = abort ? AbortSignal.any([until(), abort]) : until();
    return send({ method, path, body, signal }, async (response) => {
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : parseBody(text, response.status) };
    });
  };
};

type HttpRequest = { method: 'GET' | 'POST'; path: string; body?: unknown; signal: AbortSignal };

/**
 * Sends a request and reads its answer, before the signal is aborted. A GET whose connection is closed without an answer is repeated once.
 * @throws OrchestratorError if there is no answer, or it breaks off
 */
export type HttpSend = <T>(request: HttpRequest, read: (response: Response) => Promise<T>) => Promise<T>;

export const createHttpSend = (options: HttpOptions): HttpSend => {
  const base = options.url.replace(/\/+$/, '');
  const { onCall = () => {} } = options;
  const send: HttpSend = async ({ method, path, body, signal }, read) => {
    const authorization = await getAuthorization(options, signal);
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { ...authorization, ...toContentType(body) },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      // A redirect would send the key elsewhere.
      redirect: 'manual',
      signal,
    });
    onCall(response.status < 500 && response.status !== 401);
    return read(response);
  };
  return async (request, read) => {
    const { method, path, signal } = request;
    const sendAgain = (error: unknown) => {
      if (method !== 'GET' || signal.aborted || !isConnectionReset(error)) throw error;
      return send(request, read);
    };
    try {
      return await send(request, read).catch(sendAgain);
    } catch (cause) {
      onCall(false);
      if (cause instanceof OrchestratorError) throw cause;
      const [route] = path.split('?');
      const reason = describeConnectionFailure(cause);
      const message = `The orchestrator did not answer (${method} ${route}): ${reason}`;
      throw new OrchestratorError(message, null, { cause });
    }
  };
};

/** Returns the header with the credential, which must not be in a URL. @throws OrchestratorError if there is no token */
const getAuthorization = async (
  credential: Credential,
  signal: AbortSignal,
): Promise<Record<string, string>> => {
  if ('key' in credential) return { 'x-functions-key': credential.key };
  try {
    return { authorization: `Bearer ${await credential.token(signal)}` };
  } catch (cause) {
    throw new OrchestratorError('Could not obtain an access token for the orchestrator', null, { cause });
  }
};

const toContentType = (body: unknown): Record<string, string> => {
  if (body === undefined) return {};
  return { 'content-type': typeof body === 'string' ? 'application/x-ndjson' : 'application/json' };
};

const parseBody = (text: string, status: number): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OrchestratorError(
      `The orchestrator answered ${status} with something that is not JSON`,
      status,
      { cause },
    );
  }
};

/** Returns the problem in an answer, if there is one. */
export const getProblem = (body: unknown): Problem | undefined =>
  (body as { error?: Problem } | undefined)?.error;

/** Returns the error for an unexpected answer. */
export const toOrchestratorError = ({ status, body }: HttpAnswer): OrchestratorError =>
  new OrchestratorError(
    `The orchestrator answered ${status}: ${getProblem(body)?.message ?? 'no reason given'}`,
    status,
  );

/** Returns the body of an answer with the status 200. @throws OrchestratorError for any other status */
export const requireOk = (answer: HttpAnswer): unknown => {
  if (answer.status !== 200) throw toOrchestratorError(answer);
  return answer.body;
};

/** Parses the body of an answer. @throws OrchestratorError if it does not match the schema */
export const parseAnswer = <const S extends v.GenericSchema>(schema: S, body: unknown): v.InferOutput<S> => {
  const result = parseInput(schema, body);
  if (!result.ok)
    throw new OrchestratorError(`The orchestrator's answer is invalid: ${result.problem.message}`, 200);
  return result.value;
};
