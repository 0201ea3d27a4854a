import type { CatalogueTask } from '../command-context.ts';
import { refuse, type Refusal } from '../command-outcome.ts';
import type { CorrectedCommand } from '../command/index.ts';
import { toValueRecord, type JobDraft, type JobValue, type JobWork } from '../job/index.ts';
import { findViolations } from '../policy/index.ts';
import type { Policy, WorkRules } from '../policy/policy.ts';
import * as answers from '../reply/answers/index.ts';
import { isVisibleInFull, showCharacters } from '../reply/exact-text.ts';

/** Returns the policy's rules for parameters that the task does not have: a mistyped name must not allow every value. */
export const findUnknownParameterRules = (
  { taskName, scriptParameters }: CatalogueTask,
  { tasks }: Policy,
) => {
  const { parameters } = Object.hasOwn(tasks, taskName) ? (tasks[taskName] as WorkRules) : { parameters: {} };
  const declared = new Set(scriptParameters.map(({ parameterName }) => parameterName));
  const expected =
    'a parameter of this task; the policy has a rule for this name, but the task has no such parameter';
  return Object.keys(parameters)
    .filter((name) => !declared.has(name))
    .map((name) => ({ name, code: 'unknown-parameter', expected }));
};

/**
 * Refuses a command that violates a rule of the policy.
 * @param command as shown in the reply
 * @param correct returns the command to copy instead, in which these parameters need another value
 */
export const checkPolicy = (
  command: string,
  rules: WorkRules,
  { work, values, timeoutSeconds }: JobDraft,
  correct: (names: readonly string[]) => CorrectedCommand | undefined,
): Refusal | undefined => {
  const ofCompute = getComputeValues(work);
  const wrong = findViolations(rules, { ...toValueRecord(values), ...ofCompute }).map((violation) => ({
    ...violation,
    received: ofCompute[violation.name] ?? values.find(({ name }) => name === violation.name)?.shown ?? null,
  }));
  const names = wrong.map(({ name }) => name);
  if (wrong.length > 0)
    return refuse(answers.renderViolations(command, wrong, correct(names)), wrong[0]?.code ?? 'not-allowed');
  const unreadable = rules.approval ? findUnreadableValues(values) : [];
  if (unreadable.length > 0)
    return refuse(answers.renderNotApprovable(command, unreadable), unreadable[0]?.code ?? 'not-allowed');
  const { inputs: maxInputs, timeoutSeconds: maxSeconds } = rules.limits;
  if (work.kind !== 'compute') return undefined;
  const refuseOverLimit = (name: 'inputs' | 'timeout', limit: string, actual: string): Refusal =>
    refuse(answers.renderOverLimit(command, name, limit, actual), 'over-limit');
  if (maxInputs !== null && work.inputCount > maxInputs)
    return refuseOverLimit('inputs', String(maxInputs), String(work.inputCount));
  if (maxSeconds !== null && timeoutSeconds !== null && timeoutSeconds > maxSeconds)
    return refuseOverLimit('timeout', `${maxSeconds} s`, `${timeoutSeconds} s`);
  return undefined;
};

/** The maximum number of characters of all values combined, as shown to an approver, so that they fit into a reply. */
const maxShownCharacters = 24_000;

/** Returns values that an approver could not see in full, so that an approval would cover something that was not shown. */
const findUnreadableValues = (values: readonly JobValue[]): answers.RefusedValue[] => {
  const masked = values.filter(({ shown }) => !isVisibleInFull(shown));
  if (masked.length > 0)
    return masked.map(({ name }) => ({
      name,
      code: 'looks-secret',
      expected:
        'a value that does not look like a storage key or signature, or a parameter that the task declares as secret',
    }));
  const lengths = values.map(({ name, shown }) => ({ name, length: showCharacters(shown).length }));
  const total = lengths.reduce((sum, { length }) => sum + length, 0);
  if (total <= maxShownCharacters) return [];
  const [longest] = lengths.toSorted((a, b) => b.length - a.length);
  const expected = `at most ${maxShownCharacters} characters in all values combined, as shown to an approver; the values have ${total}`;
  return [{ name: longest?.name ?? '', code: 'too-long-to-approve', expected }];
};

/** Returns the arguments of `/compute` to which the policy's rules for values apply, too. Without an algorithm the orchestrator chooses one: no rule allows that. */
const getComputeValues = (work: JobWork): Record<string, string> =>
  work.kind === 'task'
    ? {}
    : {
        algorithm: work.algorithm ?? '',
        ...(work.blockSize === null ? {} : { blockSize: String(work.blockSize) }),
        ...(work.inputs === null ? {} : { inputs: work.inputs.path }),
      };
