import * as v from 'valibot';
import type { Job } from '../../compute/client/index.ts';
import { spoken, type StartIntent } from '../command/index.ts';
import { givenValues, notesOf, shortForm, type StartOrder } from '../job/index.ts';
import { readInputs, type ReadInputs } from '../job/inputs-file.ts';
import * as say from '../reply/answers/index.ts';
import { refused, type Outcome, type Visit } from '../command-context.ts';
import type { Drafted } from './plan-job.ts';

type ComputeIntent = Extract<StartIntent, { kind: 'compute' }>;
type Inputs = { path: string; commit: string; sha256: string; count: number };

/** What `/compute` would run. @param store keep inputs from the repository at the orchestrator */
export const computation = async (
  order: StartOrder,
  intent: ComputeIntent,
  visit: Visit,
  store: boolean,
): Promise<Drafted | Outcome> => {
  const inputs =
    'file' in intent.inputs
      ? await fromFile(order, intent.inputs.file, visit, store)
      : order.retryOf
        ? inputsOfJob(order.retryOf)
        : null;
  if (inputs && 'says' in inputs) return inputs;
  const { algorithm = null, blockSize = null, timeoutSeconds = null, parameters } = intent;
  const inputCount = inputs?.count ?? ('count' in intent.inputs ? intent.inputs.count : 0);
  return {
    work: { kind: 'compute', algorithm, inputCount, blockSize, inputs: inputs && withoutCount(inputs) },
    values: givenValues(parameters),
    timeoutSeconds,
  };
};

const Kept = v.object({ inputs: v.object({ sha256: v.string() }), inputCount: v.number() });

/** The inputs that an earlier job took from the repository; null if it took none. */
const inputsOfJob = ({ request, origin }: Job): Inputs | null => {
  const kept = v.safeParse(Kept, request);
  if (!kept.success) return null;
  const { path = '', commit = '' } = notesOf(origin).inputs ?? {};
  return { path, commit, sha256: kept.output.inputs.sha256, count: kept.output.inputCount };
};

const withoutCount = ({ path, commit, sha256 }: Inputs): Omit<Inputs, 'count'> => ({ path, commit, sha256 });

const fromFile = async (
  { command }: StartOrder,
  file: { path: string; commit?: string },
  visit: Visit,
  store: boolean,
): Promise<Inputs | Outcome> => {
  const read = await readInputs(file, command, visit.comment, visit.ports.files);
  if (read.outcome !== 'read') return unread(shortForm(command), read, visit);
  const { path, commit, text, sha256, count } = read;
  if (!store) return { path, commit, sha256, count };
  const stored = await visit.ports.jobs.putInputs(text);
  if (stored.outcome === 'refused')
    return refused(say.inputsRefused(shortForm(command), path, stored.problem), 'inputs-invalid');
  return { path, commit, sha256: stored.sha256, count: stored.count };
};

const unread = (
  command: string,
  read: Exclude<ReadInputs, { outcome: 'read' }>,
  { grammar }: Visit,
): Outcome => {
  if ('ready' in read)
    return refused(say.readyCommand(spoken(read.ready, grammar), read.outcome), read.outcome);
  return refused(say.inputsUnread(command, read.path, read.outcome, read.bytes), `inputs-${read.outcome}`);
};
