import * as v from 'valibot';
import { TaskList } from '../../contracts/task-definition.ts';
import { Job, JobLog, JobPage } from '../../contracts/job.ts';
import {
  fault,
  fitting,
  httpCall,
  ok,
  OrchestratorFault,
  problemOf,
  type Answer,
  type HttpOptions,
} from './http-call.ts';
import type {
  ApproveAnswer,
  CancelAnswer,
  InputsAnswer,
  JobFilter,
  Jobs,
  RejectAnswer,
  StartAnswer,
  StartRequest,
} from './port.ts';

/** The orchestrator's HTTP API (`docs/formats.md`) as `Jobs`. */
export const httpJobs = (options: HttpOptions): Jobs => {
  const call = httpCall(options);
  const job = (id: string, action = '', scope?: string): string =>
    `/api/jobs/${encodeURIComponent(id)}${action}${scope === undefined ? '' : `?${new URLSearchParams({ scope }).toString()}`}`;
  return {
    start: async (request) => {
      const { kind, ...body } = request;
      const path = kind === 'compute' ? '/api/orchestrators/ComputeOrchestrator' : '/api/tasks';
      return startAnswer(await call('POST', path, { v: 1, ...body }), request);
    },
    get: async (id, scope) => {
      const answer = await call('GET', job(id, '', scope));
      return answer.status === 404 ? undefined : fitting(Job, ok(answer));
    },
    page: async (filter) => fitting(JobPage, ok(await call('GET', `/api/jobs?${query(filter)}`))),
    cancel: async (id, by, scope) => cancelAnswer(await call('POST', job(id, '/cancel', scope), { by })),
    approve: async (id, verdict) => approveAnswer(await call('POST', job(id, '/approve'), verdict)),
    reject: async (id, verdict) => rejectAnswer(await call('POST', job(id, '/reject'), verdict)),
    log: async (id, bytes) => {
      const answer = await call('GET', job(id, `/log?bytes=${bytes}`));
      return answer.status === 404 ? undefined : fitting(JobLog, ok(answer));
    },
    putInputs: async (text) => inputsAnswer(await call('POST', '/api/inputs', text)),
    tasks: async () => fitting(TaskList, ok(await call('GET', '/api/tasks'))),
  };
};

const query = (filter: JobFilter): string => {
  const { states, ...rest } = filter;
  const entries = Object.entries({ ...rest, state: states?.join(',') });
  const given = entries.filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)])).toString();
};

const startAnswer = (answer: Answer, request: StartRequest): StartAnswer => {
  const { status, body } = answer;
  const problem = problemOf(body);
  if ((status === 400 || status === 403 || status === 404) && problem) return { outcome: 'refused', problem };
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

/** What a verdict that does not count is told; the code of the problem says which of them it is. */
const uncounted = { 404: 'not-found', 410: 'ended' } as const;
const conflicts = ['own-request', 'wrong-code', 'not-waiting'] as const;

const Counted = v.object({ missing: v.number() });

const approveAnswer = (answer: Answer): ApproveAnswer => {
  const { status, body } = answer;
  if (status === 202) return { outcome: 'counted', missing: fitting(Counted, body).missing };
  if (status === 404 || status === 410) return { outcome: uncounted[status] };
  const outcome = conflicts.find((code) => problemOf(body)?.code === code);
  if (status === 409 && outcome) return { outcome };
  throw fault(answer);
};

const rejectAnswer = (answer: Answer): RejectAnswer => {
  if (answer.status === 202) return 'accepted';
  const refused = approveAnswer(answer).outcome;
  if (refused === 'counted' || refused === 'own-request') throw fault(answer);
  return refused;
};

const Stored = v.object({ sha256: v.string(), count: v.number() });

const inputsAnswer = (answer: Answer): InputsAnswer => {
  const problem = problemOf(answer.body);
  if ((answer.status === 400 || answer.status === 413) && problem) return { outcome: 'refused', problem };
  const { sha256, count } = fitting(Stored, ok(answer));
  return { outcome: 'stored', sha256, count };
};
