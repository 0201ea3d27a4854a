import * as v from 'valibot';
import type { ComputeRequest, TaskRequest } from '../../../contracts/job-request.ts';
import { JobInput } from './job-state.ts';

/**
 * Whether a request asks for what a known job was started with. Neither id nor pin count, nor the order of parameters, nor
 * whether a value is written as text; defaults of tasks and algorithms are not filled in, for they may have changed since.
 * Conditions and origin are compared if one of the two has a command's origin.
 */
export const isSameRequest = (
  kind: JobInput['kind'],
  request: ComputeRequest | TaskRequest,
  input: unknown,
): boolean => {
  const known = v.safeParse(JobInput, input);
  return (
    known.success &&
    known.output.kind === kind &&
    canonical(known.output.request) === canonical(request) &&
    commandOf(known.output.request) === commandOf(request)
  );
};

/**
 * Returns the command of a request and its conditions, which are the same for both entries: installation and attempt do not count.
 * Null if no command requested it.
 */
const commandOf = ({ origin, conditions = { locks: [] } }: ComputeRequest | TaskRequest): string | null => {
  const { thread, comment, sender } = origin;
  const workflow = v.safeParse(Step, origin['workflow']);
  if (!comment && !workflow.success) return null;
  const notes = v.safeParse(Notes, origin['notes']);
  const person = notes.success ? notes.output.requester : (sender ?? null);
  const { approval, locks } = conditions;
  return JSON.stringify([
    [thread?.number ?? null, comment?.id ?? null, workflow.success ? Object.values(workflow.output) : null],
    person,
    approval ? [approval.code, approval.count, approval.expiresSeconds, approval.requester.id] : null,
    locks.map(({ scope, key, slots, whenTaken }) => [scope, key, slots, whenTaken]),
  ]);
};

const text = v.optional(v.union([v.string(), v.number()]), '');
/** A workflow step, as the Action describes it. */
const Step = v.object({ run: text, job: text, step: text, key: text });
const Notes = v.object({ requester: v.number() });

const canonical = (request: ComputeRequest | TaskRequest): string => {
  const { timeoutSeconds = null, retryOf = null } = request;
  if ('taskName' in request) {
    const values = request.parameters.map(({ name, value }): Pair => [name, value]);
    return JSON.stringify(['task', request.taskName, sorted(values), timeoutSeconds, retryOf]);
  }
  const { algorithm, inputCount, blockSize = null, inputs } = request;
  const values = Object.entries(request.parameters).map(([name, value]): Pair => [name, String(value)]);
  const work = [algorithm, inputCount, blockSize, inputs?.sha256 ?? null, sorted(values)];
  return JSON.stringify(['compute', ...work, timeoutSeconds, retryOf]);
};

type Pair = [name: string, value: string];

const sorted = (pairs: Pair[]): Pair[] => pairs.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)));
