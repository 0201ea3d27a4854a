import { getRequestComment } from '../../../contracts/origin.ts';
import * as v from 'valibot';
import type { ComputeRequest, TaskRequest } from '../../../contracts/job-request.ts';
import { JobInput } from './job-state.ts';

/**
 * Returns whether a request is the same as the one that started a known job. The id, the pin, the order of parameters and whether a
 * value is text are ignored. Defaults of tasks and algorithms are not filled in, because they may have changed. Conditions and origin
 * are compared if a command made one of the two requests.
 */
export const isSameRequest = (
  kind: JobInput['kind'],
  request: ComputeRequest | TaskRequest,
  input: unknown,
): boolean => {
  const existing = v.safeParse(JobInput, input);
  return (
    existing.success &&
    existing.output.kind === kind &&
    canonicalizeRequest(existing.output.request) === canonicalizeRequest(request) &&
    canonicalizeCommand(existing.output.request) === canonicalizeCommand(request)
  );
};

/**
 * Returns the command of a request and its conditions, which are the same for both entries: installation and attempt do not count.
 * Null if no command requested it.
 */
const canonicalizeCommand = ({
  origin,
  conditions = { locks: [] },
}: ComputeRequest | TaskRequest): string | null => {
  const { thread, sender } = origin;
  const comment = getRequestComment(origin);
  const workflow = v.safeParse(WorkflowStep, origin['workflow']);
  if (!comment && !workflow.success) return null;
  const notes = v.safeParse(CommandNotes, origin['notes']);
  const requester = notes.success ? notes.output.requester : (sender ?? null);
  const { approval, locks } = conditions;
  return JSON.stringify([
    [thread?.number ?? null, comment?.id ?? null, workflow.success ? Object.values(workflow.output) : null],
    requester,
    approval ? [approval.code, approval.count, approval.expiresSeconds, approval.requester.id] : null,
    locks.map(({ scope, key, slots, whenTaken }) => [scope, key, slots, whenTaken]),
  ]);
};

const text = v.optional(v.union([v.string(), v.number()]), '');
/** A workflow step in an origin, as the Action writes it. */
const WorkflowStep = v.object({ run: text, job: text, step: text, key: text });
const CommandNotes = v.object({ requester: v.number() });

const canonicalizeRequest = (request: ComputeRequest | TaskRequest): string => {
  const { timeoutSeconds = null, retryOf = null } = request;
  if ('taskName' in request) {
    const values = request.parameters.map(({ name, value }): ParameterPair => [name, value]);
    return JSON.stringify(['task', request.taskName, sortPairs(values), timeoutSeconds, retryOf]);
  }
  const { algorithm, inputCount, blockSize = null, inputs } = request;
  const values = Object.entries(request.parameters).map(([name, value]): ParameterPair => [
    name,
    String(value),
  ]);
  const spec = [algorithm, inputCount, blockSize, inputs?.sha256 ?? null, sortPairs(values)];
  return JSON.stringify(['compute', ...spec, timeoutSeconds, retryOf]);
};

type ParameterPair = [name: string, value: string];

const sortPairs = (pairs: ParameterPair[]): ParameterPair[] =>
  pairs.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)));
