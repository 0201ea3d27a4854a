import * as v from 'valibot';
import { TaskList } from '../../contracts/task-definition.ts';
import { Job, JobLog, JobPage } from '../../contracts/job.ts';
import { LogPart, partBytes } from '../../contracts/log-part.ts';
import { followLog } from './follow-log.ts';
import {
  toOrchestratorError,
  parseAnswer,
  createHttpCall,
  createHttpSend,
  requireOk,
  OrchestratorError,
  getProblem,
  type HttpAnswer,
  type HttpOptions,
} from './http-call.ts';
import { createLogStreamOpener } from './log-stream.ts';
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

/** Creates a client for the jobs of the orchestrator's HTTP API (`docs/formats.md`). */
export const createHttpJobs = (options: HttpOptions): Jobs => {
  const call = createHttpCall(options);
  const openLogStream = createLogStreamOpener(createHttpSend(options));
  const toJobPath = (id: string, action = '', scope?: string): string =>
    `/api/jobs/${encodeURIComponent(id)}${action}${scope === undefined ? '' : `?${new URLSearchParams({ scope }).toString()}`}`;
  return {
    start: async (request) => {
      const { kind, ...body } = request;
      const path = kind === 'compute' ? '/api/orchestrators/ComputeOrchestrator' : '/api/tasks';
      return toStartAnswer(await call('POST', path, { v: 1, ...body }), request);
    },
    get: async (id, scope) => {
      const answer = await call('GET', toJobPath(id, '', scope));
      return answer.status === 404 ? undefined : parseAnswer(Job, requireOk(answer));
    },
    page: async (filter) =>
      parseAnswer(JobPage, requireOk(await call('GET', `/api/jobs?${toFilterQuery(filter)}`))),
    cancel: async (id, by, scope) =>
      toCancelAnswer(await call('POST', toJobPath(id, '/cancel', scope), { by })),
    approve: async (id, verdict) => toApproveAnswer(await call('POST', toJobPath(id, '/approve'), verdict)),
    reject: async (id, verdict) => toRejectAnswer(await call('POST', toJobPath(id, '/reject'), verdict)),
    log: async (id, bytes) => {
      const answer = await call('GET', toJobPath(id, `/log?bytes=${bytes}`));
      return answer.status === 404 ? undefined : parseAnswer(JobLog, requireOk(answer));
    },
    followLog: (id, { from = 0, scope, signal }) =>
      followLog(
        {
          openStream: (offset, until) =>
            openLogStream(toJobPath(id, `/log?follow&${toQuery({ offset, scope })}`), until),
          readPart: async (offset, until) => {
            const query = toQuery({ offset, bytes: partBytes.max, scope });
            const answer = await call('GET', toJobPath(id, `/log?${query}`), undefined, until);
            return parseAnswer(LogPart, requireOk(answer));
          },
        },
        { from, signal },
      ),
    putInputs: async (text) => toInputsAnswer(await call('POST', '/api/inputs', text)),
    tasks: async () => parseAnswer(TaskList, requireOk(await call('GET', '/api/tasks'))),
  };
};

const toFilterQuery = ({ states, ...rest }: JobFilter): string =>
  toQuery({ ...rest, state: states?.join(',') });

const toQuery = (parameters: Record<string, string | number | undefined>): string => {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)])).toString();
};

const toStartAnswer = (answer: HttpAnswer, request: StartRequest): StartAnswer => {
  const { status, body } = answer;
  const problem = getProblem(body);
  if ((status === 400 || status === 403 || status === 404) && problem) return { outcome: 'refused', problem };
  if (status === 409 && problem) return { outcome: 'conflict', problem };
  if (status !== 200 && status !== 202) throw toOrchestratorError(answer);
  const id = (body as { id?: string } | undefined)?.id ?? request.jobId;
  if (id === undefined)
    throw new OrchestratorError('The orchestrator answered a start without an id', status);
  return { outcome: status === 202 ? 'started' : 'known', id };
};

const toCancelAnswer = (answer: HttpAnswer): CancelAnswer => {
  if (answer.status === 202) return 'accepted';
  if (answer.status === 404) return 'not-found';
  if (answer.status === 410) return 'ended';
  throw toOrchestratorError(answer);
};

/** The outcomes of a decision that does not count: by status, and for 409 by the code of the problem. */
const unavailable = { 404: 'not-found', 410: 'ended' } as const;
const conflicts = ['own-request', 'wrong-code', 'not-waiting'] as const;

const ApprovalCount = v.object({ missing: v.number() });

const toApproveAnswer = (answer: HttpAnswer): ApproveAnswer => {
  const { status, body } = answer;
  if (status === 202) return { outcome: 'counted', missing: parseAnswer(ApprovalCount, body).missing };
  if (status === 404 || status === 410) return { outcome: unavailable[status] };
  const outcome = conflicts.find((code) => getProblem(body)?.code === code);
  if (status === 409 && outcome) return { outcome };
  throw toOrchestratorError(answer);
};

const toRejectAnswer = (answer: HttpAnswer): RejectAnswer => {
  if (answer.status === 202) return 'accepted';
  const refused = toApproveAnswer(answer).outcome;
  if (refused === 'counted' || refused === 'own-request') throw toOrchestratorError(answer);
  return refused;
};

const StoredInputs = v.object({ sha256: v.string(), count: v.number() });

const toInputsAnswer = (answer: HttpAnswer): InputsAnswer => {
  const problem = getProblem(answer.body);
  if ((answer.status === 400 || answer.status === 413) && problem) return { outcome: 'refused', problem };
  const { sha256, count } = parseAnswer(StoredInputs, requireOk(answer));
  return { outcome: 'stored', sha256, count };
};
