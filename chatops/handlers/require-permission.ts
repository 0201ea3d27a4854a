import type { Job } from '../../compute/client/index.ts';
import { evaluateRun, isRequester, toSubject, type PolicySubject } from '../authorization.ts';
import type { CommandContext } from '../command-context.ts';
import { refuse, type Refusal } from '../command-outcome.ts';
import { describePeople, describeRule, getRuleKeys, listsApp, type RuleDecision } from '../policy/index.ts';
import * as answers from '../reply/answers/index.ts';

/**
 * Returns the refusal of a decision; undefined if the decision allows.
 * @param command as shown in the reply
 * @param keys the keys of the mapping in the policy file whose `allow` decided
 */
export const refuseIfDenied = (
  command: string,
  decision: RuleDecision,
  keys: readonly string[],
  context: CommandContext,
): Refusal | undefined =>
  decision.allowed
    ? undefined
    : refuse(renderDenial(command, decision, keys, context), decision.reason, { explains: 'denied' });

const renderDenial = (
  command: string,
  { reason, needed, held }: Extract<RuleDecision, { allowed: false }>,
  keys: readonly string[],
  { comment: { author }, ports, policyCommit }: CommandContext,
): string => {
  const because = { reason, held, entry: ports.entry.name };
  if (author.kind !== 'person-via-app')
    return answers.renderDenial(command, { ...because, words: describeRule(needed) });
  const { app } = author;
  if (reason === 'app-not-listed') {
    const rule = { rule: needed, keys, isFirst: policyCommit === null };
    return answers.renderAppDenial(command, app, rule);
  }
  const words = describePeople(needed);
  const denial = { ...because, words, isListed: listsApp(needed, app) };
  return answers.renderDenialViaApp(command, app, denial);
};

/** Refuses a command if the author may not run the subject. */
export const requireRunPermission = async (
  command: string,
  subject: PolicySubject,
  context: CommandContext,
): Promise<Refusal | undefined> =>
  refuseIfDenied(command, await evaluateRun(subject, context), getRuleKeys(context.policy, subject), context);

/** Refuses a command if the author neither requested the job nor may run what it runs. */
export const requireJobPermission = async (
  command: string,
  job: Job,
  context: CommandContext,
): Promise<Refusal | undefined> =>
  isRequester(job, context) ? undefined : requireRunPermission(command, toSubject(job), context);
