import { valuesByName, type Work } from '../job/index.ts';
import { violations } from '../policy/index.ts';
import type { Policy, WorkRules } from '../policy/policy.ts';
import * as say from '../reply/answers/index.ts';
import { refused, type CatalogueTask, type Outcome } from '../visit.ts';
import type { Drafted } from './planning.ts';

/** The policy's rules for this very task that are about no parameter of it: a name that was mistyped must not let all values pass. */
export const rulesAboutNothing = ({ taskName, scriptParameters }: CatalogueTask, { tasks }: Policy) => {
  const { parameters } = Object.hasOwn(tasks, taskName) ? (tasks[taskName] as WorkRules) : { parameters: {} };
  const declared = new Set(scriptParameters.map(({ parameterName }) => parameterName));
  const expected =
    'a parameter of this task; the policy has a rule for it, and the task has none of this name';
  return Object.keys(parameters)
    .filter((name) => !declared.has(name))
    .map((name) => ({ name, code: 'unknown-parameter', expected }));
};

/** The first rule of the policy that a command breaks. */
export const breachOf = (
  command: string,
  rules: WorkRules,
  { work, values, timeoutSeconds }: Drafted,
): Outcome | undefined => {
  const wrong = violations(rules, { ...valuesByName(values), ...ownValues(work) });
  if (wrong.length > 0) return refused(say.violates(command, wrong), wrong[0]?.code ?? 'not-allowed');
  const { inputs, timeoutSeconds: longest } = rules.limits;
  if (work.kind !== 'compute') return undefined;
  if (inputs !== null && work.inputCount > inputs)
    return refused(say.overLimit(command, 'inputs', String(inputs), String(work.inputCount)), 'over-limit');
  if (longest !== null && timeoutSeconds !== null && timeoutSeconds > longest)
    return refused(say.overLimit(command, 'timeout', `${longest} s`, `${timeoutSeconds} s`), 'over-limit');
  return undefined;
};

/** What `/compute` itself is given counts as values too. Without an algorithm it is the orchestrator's choice: no rule allows that. */
const ownValues = (work: Work): Record<string, string> =>
  work.kind === 'task'
    ? {}
    : {
        algorithm: work.algorithm ?? '',
        ...(work.blockSize === null ? {} : { blockSize: String(work.blockSize) }),
        ...(work.inputs === null ? {} : { inputs: work.inputs.path }),
      };
