import * as v from 'valibot';
import {
  parseInput,
  rejectField,
  omitReceived,
  type Problem,
  type ParseResult,
} from '../../../contracts/problem.ts';
import { integerInRange } from '../../../contracts/json-values.ts';
import { defaultAlgorithm, TaskRequest } from '../../../contracts/job-request.ts';
import { fillTaskLocks } from '../../../contracts/task-locks.ts';
import type { Algorithm } from '../../algorithms/algorithm.ts';
import { describeAlgorithms } from '../../algorithms/describe-algorithms.ts';
import type { Blobs } from '../../storage/port.ts';
import { matchesPin, readTask, type Catalogue } from '../catalogue/catalogue.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { taskRevision, type TaskJob } from '../job/job-state.ts';
import { resolveParameters } from '../catalogue/resolve-parameters.ts';
import { toBadRequest, readBody, toJsonResponse } from '../json.ts';
import type { RequestLimits } from './limits.ts';
import { startJob } from './start-job.ts';
import type { TaskList } from '../../../contracts/task-definition.ts';

/** `POST /api/tasks`: starts a task. */
export const startTask = ({ blobs, limits }: { blobs: Blobs; limits: RequestLimits }): GuardedRoute => {
  const timeoutSeconds = v.optional(integerInRange(1, limits.timeoutSeconds));
  const schema = v.object({ ...TaskRequest.entries, timeoutSeconds });
  return {
    name: 'StartTask',
    method: 'POST',
    path: 'tasks',
    needs: 'start',
    handle: async (httpRequest, _parameters, client, caller) => {
      const body = await readBody(httpRequest);
      if (!body.ok) return toBadRequest(body.problem);
      const request = parseInput(schema, { ...body.value, taskName: body.value['taskName'] });
      if (!request.ok) return toBadRequest(redactValues(request.problem));
      const prepare = () => prepareTaskJob(blobs, request.value);
      return startJob({ client, caller, kind: 'task', request: request.value, prepare });
    },
  };
};

/** Removes received values from a problem, because it is not yet known which parameters are secret. */
const redactValues = (problem: Problem): Problem =>
  problem.field?.startsWith('parameters') ? omitReceived(problem) : problem;

/**
 * Builds the input of a task's job. An unknown task and invalid values are the caller's mistake, and a problem. An invalid definition is
 * the operator's mistake: the job starts, and ends at once as `definition-invalid`.
 */
const prepareTaskJob = async (blobs: Blobs, request: TaskRequest): Promise<ParseResult<TaskJob>> => {
  const { taskName, parameters, pin } = request;
  const definition = await readTask(blobs, taskName);
  if (!definition)
    return rejectField('taskName', 'the name of a task in the catalogue', taskName, 'unknown-task');
  if (!(await matchesPin(blobs, definition, pin)))
    return rejectField(
      'pin',
      'the digests of the current definition and script',
      'digests of earlier ones',
      'definition-changed',
    );
  const job = {
    v: 1,
    kind: 'task',
    revision: taskRevision,
    acceptedAt: new Date().toISOString(),
    request,
  } as const;
  if (!definition.ok) return { ok: true, value: { ...job, secrets: parameters.map(({ name }) => name) } };
  const values = resolveParameters(definition.value, parameters);
  if (!values.ok) return values;
  const locks = fillTaskLocks(definition.value.locks ?? [], values.value);
  if (!locks.ok) return locks;
  const secret = definition.value.scriptParameters.filter((parameter) => parameter.secret);
  const secrets = secret.map(({ parameterName }) => parameterName);
  return { ok: true, value: { ...job, secrets, locks: locks.value } };
};

type ListTasksOptions = {
  catalogue: Catalogue;
  algorithms: ReadonlyMap<string, Algorithm>;
  limits: RequestLimits;
};

/** `GET /api/tasks`: the tasks with the digests that pin them, the invalid definitions, and what `/compute` can compute. */
export const listTasks = ({ catalogue, algorithms, limits }: ListTasksOptions): GuardedRoute => {
  const { inputs, blocks, timeoutSeconds } = limits;
  const compute: TaskList['compute'] = {
    defaultAlgorithm,
    algorithms: describeAlgorithms(algorithms.values()),
    limits: { inputs, blocks, timeoutSeconds },
  };
  return {
    name: 'ListTasks',
    method: 'GET',
    path: 'tasks',
    needs: 'read',
    handle: async () => toJsonResponse(200, { v: 1, ...(await catalogue()), compute } satisfies TaskList),
  };
};
