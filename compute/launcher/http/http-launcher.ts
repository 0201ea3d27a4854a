import * as v from 'valibot';
import type { Backoff } from '../../../runtime/async/backoff.ts';
import { retry } from '../../../runtime/async/retry.ts';
import { parseInput, parseJson } from '../../../contracts/problem.ts';
import { LauncherUnavailableError, type Launcher, type RunnerState } from '../port.ts';

/** A launcher refused a call, with this status. The message contains nothing of a run spec. */
export class LauncherError extends Error {
  override name = 'LauncherError';
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

export type HttpLauncherOptions = {
  /** The base URL of the launcher. */
  url: string;
  key: string;
  /** The timeout of an attempt. Removing a runner takes as long as its script takes to stop. */
  attemptMilliseconds?: number;
  backoff?: Backoff;
};

/** The delays between all attempts are a few seconds. The orchestrator repeats the whole call later. */
const defaultBackoff: Backoff = { minMilliseconds: 200, maxMilliseconds: 2_000 };
const maxAttempts = 5;
const transientStatuses = [408, 429, 502, 503, 504];

const RunnerStateBody = v.object({
  state: v.picklist(['pending', 'running', 'ended', 'gone'] satisfies RunnerState[]),
});
const ProblemBody = v.object({ error: v.object({ message: v.string() }) });

/**
 * Creates a launcher that calls a launcher in another process over HTTP (docs/formats.md). A call that gets no answer, or a transient
 * one, is repeated: the launcher launches a job at most once, however often it is asked to.
 */
export const createHttpLauncher = ({
  url,
  key,
  attemptMilliseconds = 30_000,
  backoff = defaultBackoff,
}: HttpLauncherOptions): Launcher => {
  const attempt = async (call: LauncherCall): Promise<unknown> => {
    const { method, path, body } = call;
    try {
      const response = await fetch(`${url.replace(/\/+$/, '')}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
        // A redirect would send the key and the run spec elsewhere.
        redirect: 'manual',
        signal: AbortSignal.timeout(attemptMilliseconds),
      });
      return readAnswer(call, response.status, await response.text());
    } catch (cause) {
      if (cause instanceof LauncherError || cause instanceof LauncherUnavailableError) throw cause;
      throw new LauncherUnavailableError(`The launcher did not answer (${method} ${path})`, { cause });
    }
  };
  const send = (call: LauncherCall): Promise<unknown> =>
    retry(() => attempt(call), { backoff, maxAttempts, isRetryable: isTransient });

  return {
    launch: async (spec) =>
      void (await send({ method: 'POST', path: '/runners', body: JSON.stringify({ v: 1, ...spec }) })),
    inspect: async (job) => {
      const body = await send({ method: 'GET', path: `/runners/${job}` });
      const read = parseInput(RunnerStateBody, body);
      if (!read.ok)
        throw new LauncherError(`The launcher's answer is not valid: ${read.problem.message}`, 200);
      return read.value.state;
    },
    remove: async (job) => void (await send({ method: 'DELETE', path: `/runners/${job}` })),
  };
};

type LauncherCall = { method: 'GET' | 'POST' | 'DELETE'; path: string; body?: string };

const isTransient = (error: unknown): boolean => error instanceof LauncherUnavailableError;

/** Returns the body of a positive answer. @throws an error with the reason in any other one */
const readAnswer = ({ method, path }: LauncherCall, status: number, text: string): unknown => {
  const read = parseJson(v.unknown(), text);
  const body = read.ok ? read.value : undefined;
  if (status === 200 || status === 204) return body;
  const problem = v.safeParse(ProblemBody, body);
  const reason = problem.success ? problem.output.error.message : 'no reason given';
  const message = `The launcher answered ${status} to ${method} ${path}: ${reason}`;
  if (transientStatuses.includes(status)) throw new LauncherUnavailableError(message);
  throw new LauncherError(message, status);
};
