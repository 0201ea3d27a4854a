import * as v from 'valibot';
import type { Job } from '../../compute/client/index.ts';
import type { CommandContext } from '../command-context.ts';
import { failWith, refuse, type Refusal } from '../command-outcome.ts';
import { withPrefix, type Command, type InputsFile } from '../command/index.ts';
import { buildGivenValues, formatShortCommand, parseNotes, type JobDraft } from '../job/index.ts';
import { readInputsFile, type InputsFileResult } from '../job/inputs-file.ts';
import * as answers from '../reply/answers/index.ts';
import { fail, succeed, type Result } from '../result.ts';
import type { Handler, Invocation } from './handler.ts';
import { startJob } from './start-job.ts';

/** `/compute`: starts a computation. */
export const compute: Handler<'compute'> = (invocation, context) =>
  startJob(invocation, context, () => draftCompute(invocation, context, { store: true }));

type ComputeOrder = Pick<Invocation<'compute'>, 'command' | 'intent'> & { retryOf?: Job };
type ComputeInputs = { path: string; commit: string; sha256: string; count: number };

/** Returns what `/compute` would run. `store`: store inputs from the repository at the orchestrator. */
export const draftCompute = async (
  order: ComputeOrder,
  context: CommandContext,
  { store }: { store: boolean },
): Promise<Result<JobDraft, Refusal>> => {
  const { intent } = order;
  const loaded = await loadInputs(order, context, store);
  if (!loaded.ok) return loaded;
  const inputs = loaded.value;
  const { algorithm = null, blockSize = null, timeoutSeconds = null, parameters } = intent;
  const inputCount = inputs?.count ?? ('count' in intent.inputs ? intent.inputs.count : 0);
  const file = inputs && { path: inputs.path, commit: inputs.commit, sha256: inputs.sha256 };
  return succeed({
    work: { kind: 'compute', algorithm, inputCount, blockSize, inputs: file },
    values: buildGivenValues(parameters),
    timeoutSeconds,
  });
};

/** Returns the inputs from the repository; null if there are none. A retry reuses the inputs of the earlier job. */
const loadInputs = async (
  { command, intent, retryOf }: ComputeOrder,
  context: CommandContext,
  store: boolean,
): Promise<Result<ComputeInputs | null, Refusal>> => {
  if ('file' in intent.inputs) return loadInputsFile(command, intent.inputs.file, context, store);
  return succeed(retryOf ? getInputsOfJob(retryOf) : null);
};

const InputsRequestView = v.object({ inputs: v.object({ sha256: v.string() }), inputCount: v.number() });

const getInputsOfJob = ({ request, origin }: Job): ComputeInputs | null => {
  const view = v.safeParse(InputsRequestView, request);
  if (!view.success) return null;
  const { path = '', commit = '' } = parseNotes(origin).inputs ?? {};
  return { path, commit, sha256: view.output.inputs.sha256, count: view.output.inputCount };
};

const loadInputsFile = async (
  command: Command,
  file: InputsFile,
  { comment, ports, grammar }: CommandContext,
  store: boolean,
): Promise<Result<ComputeInputs, Refusal>> => {
  const read = await readInputsFile(file, command, comment, ports.files);
  if (read.outcome !== 'read') return fail(refuseUnreadInputs(command, read, grammar));
  const { path, commit, text, sha256, count } = read;
  if (!store) return succeed({ path, commit, sha256, count });
  const stored = await ports.jobs.putInputs(text);
  return stored.outcome === 'refused'
    ? failWith(
        answers.renderInvalidInputs(formatShortCommand(command), path, stored.problem),
        'inputs-invalid',
      )
    : succeed({ path, commit, sha256: stored.sha256, count: stored.count });
};

const refuseUnreadInputs = (
  command: Command,
  read: Exclude<InputsFileResult, { outcome: 'read' }>,
  grammar: CommandContext['grammar'],
): Refusal => {
  if ('ready' in read)
    return refuse(answers.renderInputReview(withPrefix(read.ready, grammar), read.outcome), read.outcome);
  const { outcome, path, bytes } = read;
  const text = answers.renderUnreadableInputs(formatShortCommand(command), path, outcome, bytes);
  return refuse(text, `inputs-${outcome}`);
};
