import * as v from 'valibot';
import { read, unexpected, withoutReceived, type Problem, type Read } from '../../../contracts/problem.ts';
import { integer, TaskRequest } from '../../../contracts/job-request.ts';
import { fillTaskLocks } from '../../../contracts/task-locks.ts';
import type { Blobs } from '../../storage/port.ts';
import { isAsPinned, readTask } from '../catalogue/catalogue.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import type { TaskJob } from '../job/job-state.ts';
import { taskValues } from '../catalogue/resolve-parameters.ts';
import { refused } from './answers.ts';
import { bodyOf } from '../json.ts';
import type { Limits } from './limits.ts';
import { startJob } from './start-job.ts';

/** `POST /api/tasks`: starts a task. */
export const startTask = ({ blobs, limits }: { blobs: Blobs; limits: Limits }): GuardedRoute => {
  const timeoutSeconds = v.optional(integer(1, limits.timeoutSeconds));
  const schema = v.object({ ...TaskRequest.entries, timeoutSeconds });
  return {
    name: 'StartTask',
    method: 'POST',
    path: 'tasks',
    needs: 'start',
    handle: async (httpRequest, _parameters, client, caller) => {
      const body = await bodyOf(httpRequest);
      if (!body.ok) return refused(body.problem);
      const request = read(schema, { ...body.value, taskName: body.value['taskName'] });
      if (!request.ok) return refused(withoutValues(request.problem));
      const prepare = () => taskJob(blobs, request.value);
      return startJob({ client, caller, kind: 'task', request: request.value, prepare });
    },
  };
};

/** Whether a value is a secret's is not known yet. */
const withoutValues = (problem: Problem): Problem =>
  problem.field?.startsWith('parameters') ? withoutReceived(problem) : problem;

/**
 * A task that is not there, or values it does not take, are the caller's mistake. A definition that is not valid is the
 * operator's: the job starts, and ends at once as `definition-invalid`.
 */
const taskJob = async (blobs: Blobs, request: TaskRequest): Promise<Read<TaskJob>> => {
  const { taskName, parameters, pin } = request;
  const definition = await readTask(blobs, taskName);
  if (!definition)
    return unexpected('taskName', 'the name of a task of the catalogue', taskName, 'unknown-task');
  if (!(await isAsPinned(blobs, definition, pin)))
    return unexpected(
      'pin',
      'the present definition and script',
      'that of earlier ones',
      'definition-changed',
    );
  const job = { v: 1, kind: 'task', acceptedAt: new Date().toISOString(), request } as const;
  if (!definition.ok) return { ok: true, value: { ...job, secrets: parameters.map(({ name }) => name) } };
  const values = taskValues(definition.value, parameters);
  if (!values.ok) return values;
  const locks = fillTaskLocks(definition.value.locks ?? [], values.value);
  if (!locks.ok) return locks;
  const secret = definition.value.scriptParameters.filter((parameter) => parameter.secret);
  const secrets = secret.map(({ parameterName }) => parameterName);
  return { ok: true, value: { ...job, secrets, locks: locks.value } };
};
