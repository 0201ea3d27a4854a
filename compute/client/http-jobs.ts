import type * as v from 'valibot';
import { TaskList } from '../formats/definition.ts';
import { Job, JobPage } from '../formats/job.ts';
import { read, type Problem } from '../formats/problem.ts';
import type { CancelAnswer, JobFilter, Jobs, StartAnswer, StartRequest } from './port.ts';

/** The orchestrator could not be reached, or answered what it should not. `status` is null without an answer. */
export class OrchestratorFault extends Error {
  override name = 'OrchestratorFault';
  readonly status: number | null;
  constructor(message: string, status: number | null, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export type HttpJobsOptions = {
  /** The orchestrator's base URL, without `/api`. */
  url: string;
  /** The function key; sent as a header, so that it stands in no URL. */
  key: string;
  /** A call's longest wait, in milliseconds. */
  timeout?: number;
};

type Answer = { status: number; body: unknown };

/** The orchestrator's HTTP API (`docs/http-api.md`) as `Jobs`. */
export const httpJobs = ({ url, key, timeout = 8_000 }: HttpJobsOptions): Jobs => {
  const base = url.replace(/\/+$/, '');

  const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const headers = {
      'x-functions-key': key,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    try {
      const response = await fetch(`${base}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeout),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : parsed(text, response.status) };
    } catch (cause) {
      if (cause instanceof OrchestratorFault) throw cause;
      throw new OrchestratorFault(`The orchestrator does not answer (${method} ${path})`, null, { cause });
    }
  };

  return {
    start: async (request) => {
      const { kind, ...body } = request;
      const path = kind === 'compute' ? '/api/orchestrators/ComputeOrchestrator' : '/api/tasks';
      return startAnswer(await call('POST', path, { v: 1, ...body }), request);
    },
    get: async (id) => {
      const answer = await call('GET', `/api/jobs/${encodeURIComponent(id)}`);
      return answer.status === 404 ? undefined : fitting(Job, ok(answer));
    },
    page: async (filter) => fitting(JobPage, ok(await call('GET', `/api/jobs?${query(filter)}`))),
    cancel: async (id, by) =>
      cancelAnswer(await call('POST', `/api/jobs/${encodeURIComponent(id)}/cancel`, { by })),
    tasks: async () => fitting(TaskList, ok(await call('GET', '/api/tasks'))),
  };
};

const query = (filter: JobFilter): string => {
  const { states, ...rest } = filter;
  const entries = Object.entries({ ...rest, state: states?.join(',') });
  const given = entries.filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)])).toString();
};

const parsed = (text: string, status: number): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OrchestratorFault(
      `The orchestrator answered ${status} with something that is not JSON`,
      status,
      { cause },
    );
  }
};

const problemOf = (body: unknown): Problem | undefined => (body as { error?: Problem } | undefined)?.error;

const fault = ({ status, body }: Answer): OrchestratorFault =>
  new OrchestratorFault(
    `The orchestrator answered ${status}: ${problemOf(body)?.message ?? 'no reason given'}`,
    status,
  );

const ok = (answer: Answer): unknown => {
  if (answer.status !== 200) throw fault(answer);
  return answer.body;
};

const fitting = <const S extends v.GenericSchema>(schema: S, body: unknown): v.InferOutput<S> => {
  const result = read(schema, body);
  if (!result.ok)
    throw new OrchestratorFault(
      `The orchestrator's answer has not the agreed form: ${result.problem.message}`,
      200,
    );
  return result.value;
};

const startAnswer = (answer: Answer, request: StartRequest): StartAnswer => {
  const { status, body } = answer;
  const problem = problemOf(body);
  if ((status === 400 || status === 404) && problem) return { outcome: 'refused', problem };
  if (status === 409 && problem) return { outcome: 'conflict', problem };
  if (status !== 200 && status !== 202) throw fault(answer);
  const id = (body as { id?: string } | undefined)?.id ?? request.jobId;
  if (id === undefined)
    throw new OrchestratorFault('The orchestrator answered a start without an id', status);
  return { outcome: status === 202 ? 'started' : 'known', id };
};

const cancelAnswer = (answer: Answer): CancelAnswer => {
  if (answer.status === 202) return 'accepted';
  if (answer.status === 404) return 'not-found';
  if (answer.status === 410) return 'ended';
  throw fault(answer);
};
