import * as v from 'valibot';
import type { Backoff } from '../../../runtime/async/backoff.ts';
import { retry } from '../../../runtime/async/retry.ts';
import { parseRetryAfter } from '../../../runtime/async/retry-after.ts';
import { parseInput, parseJson } from '../../../contracts/problem.ts';
import { LauncherUnavailableError, type Launcher, type LaunchOutcome, type RunnerState } from '../port.ts';

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
const positiveStatuses = [200, 202, 204];
const transientStatuses = [408, 429, 502, 503, 504];

/** The codes of the errors that are an answer to a launch, and not a fault. */
export const launchCodes = { later: 'launch-later', never: 'launch-refused' } as const;

const RunnerReportBody = v.object({
  state: v.picklist(['pending', 'running', 'ended', 'gone'] satisfies RunnerState[]),
  /** Missing in the answer of an older launcher. */
  message: v.optional(v.nullable(v.string()), null),
});
const ProblemBody = v.object({ error: v.object({ message: v.string() }) });
const LaunchRefusal = v.object({
  error: v.object({ code: v.picklist(Object.values(launchCodes)), message: v.string() }),
});

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
  const attempt = async (call: LauncherCall): Promise<Answer> => {
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
      return readAnswer(call, response, await response.text());
    } catch (cause) {
      if (cause instanceof LauncherError || cause instanceof LauncherUnavailableError) throw cause;
      throw new LauncherUnavailableError(`The launcher did not answer (${method} ${path})`, { cause });
    }
  };
  const send = (call: LauncherCall): Promise<Answer> =>
    retry(() => attempt(call), { backoff, maxAttempts, isRetryable: isTransient });

  return {
    launch: async (spec) =>
      toLaunchOutcome(
        await send({ method: 'POST', path: '/runners', body: JSON.stringify({ v: 1, ...spec }) }),
      ),
    inspect: async (job) => {
      const { body } = await send({ method: 'GET', path: `/runners/${job}` });
      const read = parseInput(RunnerReportBody, body);
      if (!read.ok)
        throw new LauncherError(`The launcher's answer is not valid: ${read.problem.message}`, 200);
      return read.value;
    },
    remove: async (job) => {
      const { status } = await send({ method: 'DELETE', path: `/runners/${job}` });
      return status === 202 ? 'later' : 'gone';
    },
  };
};

type LauncherCall = { method: 'GET' | 'POST' | 'DELETE'; path: string; body?: string };

/** An answer without an error, or with one that answers a launch. */
type Answer = { status: number; body: unknown; retryAfter: string | null };

const isTransient = (error: unknown): boolean => error instanceof LauncherUnavailableError;

/** @throws an error with the reason that the launcher gives */
const readAnswer = ({ method, path }: LauncherCall, { status, headers }: Response, text: string): Answer => {
  const read = parseJson(v.unknown(), text);
  const answer = { status, body: read.ok ? read.value : undefined, retryAfter: headers.get('retry-after') };
  if (positiveStatuses.includes(status)) return answer;
  if (method === 'POST' && v.is(LaunchRefusal, answer.body)) return answer;
  const problem = v.safeParse(ProblemBody, answer.body);
  const reason = problem.success ? problem.output.error.message : 'no reason given';
  const message = `The launcher answered ${status} to ${method} ${path}: ${reason}`;
  if (transientStatuses.includes(status)) throw new LauncherUnavailableError(message);
  throw new LauncherError(message, status);
};

const toLaunchOutcome = ({ body, retryAfter }: Answer): LaunchOutcome => {
  if (!v.is(LaunchRefusal, body)) return { kind: 'launched' };
  const { code, message } = body.error;
  if (code === launchCodes.never) return { kind: 'never', message };
  const retryAfterSeconds = parseRetryAfter(retryAfter, Date.now());
  return {
    kind: 'later',
    waitingFor: message,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
};
