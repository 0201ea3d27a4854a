import { findConfusables, mayBeReordered, findMixedScripts } from '../command/index.ts';
import { describeCharacter } from '../command/forbidden-characters.ts';
import {
  toApprovalCode,
  deriveJobId,
  hashRequest,
  formatRedactedCommand,
  redactValues,
  buildTaskValues,
  toValueRecord,
  type JobNotes,
  type JobPlan,
  type StartOrder,
  type JobValue,
  type JobWork,
} from '../job/index.ts';
import { describeRule, buildLockKey, getMentions, getWorkRules } from '../policy/index.ts';
import type { WorkRules } from '../policy/policy.ts';
import * as say from '../reply/answers/index.ts';
import { showCharacters } from '../reply/exact-text.ts';
import type { PolicySubject } from '../authorization.ts';
import { refuse, type CatalogueTask, type CommandOutcome, type CommandContext } from '../command-context.ts';
import { checkPolicy, findUnknownParameterRules } from './check-policy.ts';
import { draftCompute } from './plan-compute.ts';

/** A command that may start a job: what would run, with which values, and what the job is to remember. */
export type PlannedJob = { plan: JobPlan; values: readonly JobValue[]; notes: JobNotes; hash: string };

/** What runs, the values that it gets, and how long it may take if nobody says otherwise (in seconds). */
export type JobDraft = { work: JobWork; values: JobValue[]; timeoutSeconds: number | null };

/** The timeout of a task or computation for which nobody gave one, in seconds. */
const defaultTimeoutSeconds = 86_400;

/**
 * Plans what a command would start, under the rules of the policy. Its author's right to run it was decided before.
 * @param store inputs from the repository are stored at the orchestrator; otherwise nothing is written anywhere
 * @returns why it is refused, if it breaks a rule
 */
export const planJob = async (
  order: StartOrder,
  visit: CommandContext,
  store: boolean,
): Promise<PlannedJob | CommandOutcome> => {
  const rules = getWorkRules(visit.policy, toOrderSubject(order));
  const drafted =
    order.intent.kind === 'run'
      ? await draftTask(order.intent.taskName, order.intent.parameters, visit)
      : await draftCompute(order, order.intent, visit, store);
  if ('says' in drafted) return drafted;
  const command = formatRedactedCommand(order.command, drafted.values);
  return checkPolicy(command, rules, drafted) ?? buildPlannedJob(order, command, rules, drafted, visit);
};

export const toOrderSubject = ({ intent }: Pick<StartOrder, 'intent'>): PolicySubject =>
  intent.kind === 'run' ? { kind: 'run', taskName: intent.taskName } : { kind: 'compute' };

const draftTask = async (
  taskName: string,
  given: readonly { name: string; value: string }[],
  visit: CommandContext,
): Promise<JobDraft | CommandOutcome> => {
  const definition = (await visit.catalogue()).find((one) => one.taskName === taskName) as CatalogueTask;
  const unknown = findUnknownParameterRules(definition, visit.policy);
  if (unknown.length > 0)
    return refuse(say.renderViolations(`/run ${taskName}`, unknown), 'unknown-parameter');
  const { dockerImage: image, scriptName: script, digests = null, timeoutSeconds = null } = definition;
  return {
    work: { kind: 'task', taskName, image, script, digests },
    values: buildTaskValues(given, definition),
    timeoutSeconds,
  };
};

const buildPlannedJob = async (
  order: StartOrder,
  command: string,
  rules: WorkRules,
  { work, values, timeoutSeconds }: JobDraft,
  visit: CommandContext,
): Promise<PlannedJob | CommandOutcome> => {
  const lock = rules.lock && buildLockKey(rules.lock, toValueRecord(values));
  if (lock && 'missing' in lock) {
    const expected = 'a value, for the lock of this task is named by it';
    return refuse(
      say.renderViolations(command, [{ name: lock.missing, code: 'not-allowed', expected }]),
      'lock-key-missing',
    );
  }
  const hash = hashRequest({
    job: deriveJobId(order.command, visit.comment),
    work: toFingerprint(work, order.retryOf?.id ?? null),
    values: toValueRecord(values),
    policy: visit.policyCommit,
    requester: visit.comment.author.id,
  });
  const { timeoutSeconds: longest, concurrent } = rules.limits;
  const plan: JobPlan = {
    command,
    work,
    parameters: redactValues(values),
    timeoutSeconds:
      longest === null ? timeoutSeconds : Math.min(longest, timeoutSeconds ?? defaultTimeoutSeconds),
    concurrent,
    lock: rules.lock && lock ? { key: lock.key, when: rules.lock.when } : null,
    approval: rules.approval && { ...rules.approval, code: toApprovalCode(hash) },
    warnings: listWarnings(values),
    policy: visit.policyCommit,
  };
  return { plan, values, notes: await buildNotes(plan, visit), hash };
};

const toFingerprint = (work: JobWork, retryOf: string | null): Record<string, string | number | null> => {
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
const listWarnings = (values: readonly JobValue[]): string[] => values.flatMap(listValueWarnings);

const listValueWarnings = ({ name, shown }: JobValue): string[] => {
  const scripts = findMixedScripts(shown);
  const lookalikes = findConfusables(shown)
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

const buildNotes = async (
  plan: JobPlan,
  { comment, policy, grammar, ports }: CommandContext,
): Promise<JobNotes> => {
  const { thread, author, threadState: about } = comment;
  const onPull = policy.checks && thread.kind === 'pull-request';
  const named = grammar.required || grammar.prefix !== 'cox';
  return {
    requester: author.id,
    app: author.kind === 'person-via-app' ? author.app : null,
    policy: plan.policy,
    notify: policy.notify.when,
    check: onPull ? await ports.files.getPullHead(thread.repository, thread.number) : null,
    approvers: plan.approval && {
      words: describeRule(plan.approval.from),
      mentions: getMentions(plan.approval.from),
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
