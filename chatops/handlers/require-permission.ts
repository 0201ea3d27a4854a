import type { Job } from '../../compute/client/index.ts';
import { describePeople, describeRule, listsApp, getRuleKeys, type RuleDecision } from '../policy/index.ts';
import * as say from '../reply/answers/index.ts';
import { isRequester, evaluateRun, toSubject, type PolicySubject } from '../authorization.ts';
import { refuse, type CommandOutcome, type CommandContext } from '../command-context.ts';

/**
 * Why the author is refused; undefined if the decision allows. `command`: as it is shown. `keys`: where the policy file has the
 * mapping whose `allow` decided.
 */
export const refuseIfDenied = (
  command: string,
  decision: RuleDecision,
  visit: CommandContext,
  keys: readonly string[],
): CommandOutcome | undefined =>
  decision.allowed
    ? undefined
    : refuse(formatDenial(command, decision, visit, keys), decision.reason, { explains: 'denied' });

const formatDenial = (
  command: string,
  { reason, needed, held }: Extract<RuleDecision, { allowed: false }>,
  { comment: { author }, ports, policyCommit }: CommandContext,
  keys: readonly string[],
): string => {
  const { login } = author;
  const because = { reason, held, entry: ports.entry.name };
  if (author.kind !== 'person-via-app')
    return say.renderDenial(command, login, { ...because, words: describeRule(needed) });
  const { app } = author;
  if (reason === 'app-not-listed')
    return say.renderAppDenial(
      command,
      { login, app },
      { rule: needed, keys, isFirst: policyCommit === null },
    );
  const words = describePeople(needed);
  return say.renderDenialViaApp(
    command,
    { login, app },
    { ...because, words, isListed: listsApp(needed, app) },
  );
};

/** Refuses who may not run something. */
export const requireRunPermission = async (
  command: string,
  subject: PolicySubject,
  visit: CommandContext,
): Promise<CommandOutcome | undefined> =>
  refuseIfDenied(command, await evaluateRun(subject, visit), visit, getRuleKeys(visit.policy, subject));

/** Refuses who neither asked for a job nor may run what it runs. */
export const requireJobPermission = async (
  command: string,
  job: Job,
  visit: CommandContext,
): Promise<CommandOutcome | undefined> =>
  isRequester(job, visit) ? undefined : requireRunPermission(command, toSubject(job), visit);
