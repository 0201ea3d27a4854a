import type * as v from 'valibot';
import { parseInput, type Problem } from '../../contracts/problem.ts';

/** The orchestrator could not be reached, or answered what it should not. `status` is null without an answer. */
export class OrchestratorError extends Error {
  override name = 'OrchestratorError';
  readonly status: number | null;
  constructor(message: string, status: number | null, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** What opens the orchestrator: a key, or a token that is asked for anew for each call, since it lives for minutes. */
export type Credential = { key: string } | { token: (signal: AbortSignal) => Promise<string> };

export type HttpOptions = Credential & {
  /** The orchestrator's base URL, without `/api`. */
  url: string;
  /** What ends a call that begins now, that for its token included; if not given, 8 s. */
  createDeadline?: () => AbortSignal;
};

export type HttpAnswer = { status: number; body: unknown };

/** Sends a request with a JSON body, or with a text as it is. @throws OrchestratorError without an answer in JSON */
export type HttpCall = (method: 'GET' | 'POST', path: string, body?: unknown) => Promise<HttpAnswer>;

const createDefaultDeadline = (): AbortSignal => AbortSignal.timeout(8_000);

export const createHttpCall = ({
  url,
  createDeadline: until = createDefaultDeadline,
  ...credential
}: HttpOptions): HttpCall => {
  const base = url.replace(/\/+$/, '');
  return async (method, path, body) => {
    const signal = until();
    const authorization = await getAuthorization(credential, signal);
    try {
      const response = await fetch(`${base}${path}`, {
        method,
        headers: { ...authorization, ...toContentType(body) },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        // Wherever it leads to, the key would go with it.
        redirect: 'manual',
        signal,
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : parseBody(text, response.status) };
    } catch (cause) {
      if (cause instanceof OrchestratorError) throw cause;
      const [route] = path.split('?');
      throw new OrchestratorError(`The orchestrator does not answer (${method} ${route})`, null, { cause });
    }
  };
};

/** Credentials travel in headers, so that they stand in no URL. @throws OrchestratorError if there is no token to be had */
const getAuthorization = async (
  credential: Credential,
  signal: AbortSignal,
): Promise<Record<string, string>> => {
  if ('key' in credential) return { 'x-functions-key': credential.key };
  try {
    return { authorization: `Bearer ${await credential.token(signal)}` };
  } catch (cause) {
    throw new OrchestratorError('There is no token for the orchestrator to be had', null, { cause });
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

/** The problem that an answer tells, if it tells one. */
export const getProblem = (body: unknown): Problem | undefined =>
  (body as { error?: Problem } | undefined)?.error;

/** An answer that should not have come. */
export const toOrchestratorError = ({ status, body }: HttpAnswer): OrchestratorError =>
  new OrchestratorError(
    `The orchestrator answered ${status}: ${getProblem(body)?.message ?? 'no reason given'}`,
    status,
  );

/** The body of an answer of 200. @throws OrchestratorError for any other */
export const requireOk = (answer: HttpAnswer): unknown => {
  if (answer.status !== 200) throw toOrchestratorError(answer);
  return answer.body;
};

/** A body of the agreed form. @throws OrchestratorError */
export const parseAnswer = <const S extends v.GenericSchema>(schema: S, body: unknown): v.InferOutput<S> => {
  const result = parseInput(schema, body);
  if (!result.ok)
    throw new OrchestratorError(
      `The orchestrator's answer has not the agreed form: ${result.problem.message}`,
      200,
    );
  return result.value;
};
