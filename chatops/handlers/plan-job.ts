import { lookalikesIn, mayBeReordered, mixedScripts } from '../command/index.ts';
import { describeCharacter } from '../command/forbidden-characters.ts';
import {
  approvalCode,
  jobIdOf,
  requestHash,
  shownForm,
  shownValues,
  taskValues,
  valuesByName,
  type Notes,
  type Plan,
  type StartOrder,
  type Value,
  type Work,
} from '../job/index.ts';
import { describeRule, lockKey, mentionsOf, rulesOf } from '../policy/index.ts';
import type { WorkRules } from '../policy/policy.ts';
import * as say from '../reply/answers/index.ts';
import { showCharacters } from '../reply/exact-text.ts';
import type { Subject } from '../authorization.ts';
import { refused, type CatalogueTask, type Outcome, type Visit } from '../command-context.ts';
import { breachOf, rulesAboutNothing } from './check-policy.ts';
import { computation } from './plan-compute.ts';

/** A command that may start a job: what would run, with which values, and what the job is to remember. */
export type Planned = { plan: Plan; values: readonly Value[]; notes: Notes; hash: string };

/** What runs, the values that it gets, and how long it may take if nobody says otherwise (in seconds). */
export type Drafted = { work: Work; values: Value[]; timeoutSeconds: number | null };

/** The timeout of a task or computation for which nobody gave one, in seconds. */
const usualTimeout = 86_400;

/**
 * Plans what a command would start, under the rules of the policy. Its author's right to run it was decided before.
 * @param store inputs from the repository are stored at the orchestrator; otherwise nothing is written anywhere
 * @returns why it is refused, if it breaks a rule
 */
export const planOf = async (order: StartOrder, visit: Visit, store: boolean): Promise<Planned | Outcome> => {
  const rules = rulesOf(visit.policy, subjectOfOrder(order));
  const drafted =
    order.intent.kind === 'run'
      ? await task(order.intent.taskName, order.intent.parameters, visit)
      : await computation(order, order.intent, visit, store);
  if ('says' in drafted) return drafted;
  const command = shownForm(order.command, drafted.values);
  return breachOf(command, rules, drafted) ?? planned(order, command, rules, drafted, visit);
};

export const subjectOfOrder = ({ intent }: Pick<StartOrder, 'intent'>): Subject =>
  intent.kind === 'run' ? { kind: 'run', taskName: intent.taskName } : { kind: 'compute' };

const task = async (
  taskName: string,
  given: readonly { name: string; value: string }[],
  visit: Visit,
): Promise<Drafted | Outcome> => {
  const definition = (await visit.catalogue()).find((one) => one.taskName === taskName) as CatalogueTask;
  const unknown = rulesAboutNothing(definition, visit.policy);
  if (unknown.length > 0) return refused(say.violates(`/run ${taskName}`, unknown), 'unknown-parameter');
  const { dockerImage: image, scriptName: script, digests = null, timeoutSeconds = null } = definition;
  return {
    work: { kind: 'task', taskName, image, script, digests },
    values: taskValues(given, definition),
    timeoutSeconds,
  };
};

const planned = async (
  order: StartOrder,
  command: string,
  rules: WorkRules,
  { work, values, timeoutSeconds }: Drafted,
  visit: Visit,
): Promise<Planned | Outcome> => {
  const lock = rules.lock && lockKey(rules.lock, valuesByName(values));
  if (lock && 'missing' in lock) {
    const expected = 'a value, for the lock of this task is named by it';
    return refused(
      say.violates(command, [{ name: lock.missing, code: 'not-allowed', expected }]),
      'lock-key-missing',
    );
  }
  const hash = requestHash({
    job: jobIdOf(order.command, visit.comment),
    work: fingerprintOf(work, order.retryOf?.id ?? null),
    values: valuesByName(values),
    policy: visit.policyCommit,
    requester: visit.comment.author.id,
  });
  const { timeoutSeconds: longest, concurrent } = rules.limits;
  const plan: Plan = {
    command,
    work,
    parameters: shownValues(values),
    timeoutSeconds: longest === null ? timeoutSeconds : Math.min(longest, timeoutSeconds ?? usualTimeout),
    concurrent,
    lock: rules.lock && lock ? { key: lock.key, when: rules.lock.when } : null,
    approval: rules.approval && { ...rules.approval, code: approvalCode(hash) },
    warnings: warningsOf(values),
    policy: visit.policyCommit,
  };
  return { plan, values, notes: await notesOfPlan(plan, visit), hash };
};

const fingerprintOf = (work: Work, retryOf: string | null): Record<string, string | number | null> => {
  if (work.kind === 'task') {
    const { taskName, image, script, digests } = work;
    return {
      taskName,
      image,
      script,
      definition: digests?.definition ?? null,
      sha256: digests?.script ?? null,
      retryOf,
    };
  }
  const { algorithm, inputCount, blockSize, inputs } = work;
  return {
    algorithm,
    inputCount,
    blockSize,
    inputs: inputs?.sha256 ?? null,
    commit: inputs?.commit ?? null,
    retryOf,
  };
};

/** What an approver should look at twice: characters that look like others, are shown as code points, or change their order. */
const warningsOf = (values: readonly Value[]): string[] => values.flatMap(warningsAbout);

const warningsAbout = ({ name, shown }: Value): string[] => {
  const scripts = mixedScripts(shown);
  const lookalikes = lookalikesIn(shown)
    .slice(0, maxLookalikes)
    .map((char) => describeCharacter(char).codePoint);
  const facts = [
    scripts.length > 0 && `mixes letters of ${scripts.join(' and ')}`,
    lookalikes.length > 0 && `holds characters that look like other ones, ${lookalikes.join(', ')}`,
    mayBeReordered(shown) &&
      'holds letters written from right to left, so its parts may appear in another order',
    showCharacters(shown) !== shown && 'holds characters that are shown as code points',
  ];
  return facts.flatMap((fact) => (fact === false ? [] : [`The value of ${name} ${fact}`]));
};

/** The first characters suffice to look for them. */
const maxLookalikes = 5;

const notesOfPlan = async (plan: Plan, { comment, policy, grammar, ports }: Visit): Promise<Notes> => {
  const { thread, author, about } = comment;
  const onPull = policy.checks && thread.kind === 'pull-request';
  const named = grammar.required || grammar.prefix !== 'cox';
  return {
    requester: author.id,
    app: author.kind === 'person-via-app' ? author.app : null,
    policy: plan.policy,
    notify: policy.notify.when,
    check: onPull ? await ports.files.pullHead(thread.repository, thread.number) : null,
    approvers: plan.approval && {
      words: describeRule(plan.approval.from),
      mentions: mentionsOf(plan.approval.from),
    },
    code: plan.approval?.code ?? null,
    prefix: named ? grammar.prefix : null,
    image: plan.work.kind === 'task' ? plan.work.image : null,
    script: plan.work.kind === 'task' ? (plan.work.digests?.script ?? null) : null,
    defaults: plan.parameters
      .filter(({ source }) => source === 'default')
      .map(({ name, value }) => ({ name, value })),
    inputs:
      plan.work.kind === 'compute' && plan.work.inputs
        ? { path: plan.work.inputs.path, commit: plan.work.inputs.commit }
        : null,
    warnings: [...plan.warnings],
    comments: about.comments,
  };
};
