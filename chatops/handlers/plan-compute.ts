import * as v from 'valibot';
import type { Job } from '../../compute/client/index.ts';
import { withPrefix, type StartIntent } from '../command/index.ts';
import { buildGivenValues, parseNotes, formatShortCommand, type StartOrder } from '../job/index.ts';
import { readInputsFile, type InputsFileResult } from '../job/inputs-file.ts';
import * as say from '../reply/answers/index.ts';
import { refuse, type CommandOutcome, type CommandContext } from '../command-context.ts';
import type { JobDraft } from './plan-job.ts';

type ComputeIntent = Extract<StartIntent, { kind: 'compute' }>;
type ComputeInputs = { path: string; commit: string; sha256: string; count: number };

/** What `/compute` would run. @param store keep inputs from the repository at the orchestrator */
export const draftCompute = async (
  order: StartOrder,
  intent: ComputeIntent,
  visit: CommandContext,
  store: boolean,
): Promise<JobDraft | CommandOutcome> => {
  const inputs =
    'file' in intent.inputs
      ? await loadInputsFile(order, intent.inputs.file, visit, store)
      : order.retryOf
        ? getInputsOfJob(order.retryOf)
        : null;
  if (inputs && 'says' in inputs) return inputs;
  const { algorithm = null, blockSize = null, timeoutSeconds = null, parameters } = intent;
  const inputCount = inputs?.count ?? ('count' in intent.inputs ? intent.inputs.count : 0);
  return {
    work: { kind: 'compute', algorithm, inputCount, blockSize, inputs: inputs && omitCount(inputs) },
    values: buildGivenValues(parameters),
    timeoutSeconds,
  };
};

const InputsRequestView = v.object({ inputs: v.object({ sha256: v.string() }), inputCount: v.number() });

/** The inputs that an earlier job took from the repository; null if it took none. */
const getInputsOfJob = ({ request, origin }: Job): ComputeInputs | null => {
  const kept = v.safeParse(InputsRequestView, request);
  if (!kept.success) return null;
  const { path = '', commit = '' } = parseNotes(origin).inputs ?? {};
  return { path, commit, sha256: kept.output.inputs.sha256, count: kept.output.inputCount };
};

const omitCount = ({ path, commit, sha256 }: ComputeInputs): Omit<ComputeInputs, 'count'> => ({
  path,
  commit,
  sha256,
});

const loadInputsFile = async (
  { command }: StartOrder,
  file: { path: string; commit?: string },
  visit: CommandContext,
  store: boolean,
): Promise<ComputeInputs | CommandOutcome> => {
  const read = await readInputsFile(file, command, visit.comment, visit.ports.files);
  if (read.outcome !== 'read') return refuseUnreadInputs(formatShortCommand(command), read, visit);
  const { path, commit, text, sha256, count } = read;
  if (!store) return { path, commit, sha256, count };
  const stored = await visit.ports.jobs.putInputs(text);
  if (stored.outcome === 'refused')
    return refuse(
      say.renderInvalidInputs(formatShortCommand(command), path, stored.problem),
      'inputs-invalid',
    );
  return { path, commit, sha256: stored.sha256, count: stored.count };
};

const refuseUnreadInputs = (
  command: string,
  read: Exclude<InputsFileResult, { outcome: 'read' }>,
  { grammar }: CommandContext,
): CommandOutcome => {
  if ('ready' in read)
    return refuse(say.renderInputReview(withPrefix(read.ready, grammar), read.outcome), read.outcome);
  return refuse(
    say.renderUnreadableInputs(command, read.path, read.outcome, read.bytes),
    `inputs-${read.outcome}`,
  );
};
