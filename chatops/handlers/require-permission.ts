import type { Job } from '../../compute/client/index.ts';
import { describePeople, describeRule, listsApp, ruleKeys, type Decision } from '../policy/index.ts';
import * as say from '../reply/answers/index.ts';
import { isRequester, mayRun, subjectOf, type Subject } from '../authorization.ts';
import { refused, type Outcome, type Visit } from '../command-context.ts';

/**
 * Why the author is refused; undefined if the decision allows. `command`: as it is shown. `keys`: where the policy file has the
 * mapping whose `allow` decided.
 */
export const denial = (
  command: string,
  decision: Decision,
  visit: Visit,
  keys: readonly string[],
): Outcome | undefined =>
  decision.allowed
    ? undefined
    : refused(denialText(command, decision, visit, keys), decision.reason, { explains: 'denied' });

const denialText = (
  command: string,
  { reason, needed, held }: Extract<Decision, { allowed: false }>,
  { comment: { author }, ports, policyCommit }: Visit,
  keys: readonly string[],
): string => {
  const { login } = author;
  const because = { reason, held, entry: ports.entry.name };
  if (author.kind !== 'person-via-app')
    return say.notAllowed(command, login, { ...because, words: describeRule(needed) });
  const { app } = author;
  if (reason === 'app-not-listed')
    return say.appNotAllowed(command, { login, app }, { rule: needed, keys, isFirst: policyCommit === null });
  const words = describePeople(needed);
  return say.notAllowedViaApp(
    command,
    { login, app },
    { ...because, words, isListed: listsApp(needed, app) },
  );
};

/** Refuses who may not run something. */
export const mustRun = async (
  command: string,
  subject: Subject,
  visit: Visit,
): Promise<Outcome | undefined> =>
  denial(command, await mayRun(subject, visit), visit, ruleKeys(visit.policy, subject));

/** Refuses who neither asked for a job nor may run what it runs. */
export const mustOwn = async (command: string, job: Job, visit: Visit): Promise<Outcome | undefined> =>
  isRequester(job, visit) ? undefined : mustRun(command, subjectOf(job), visit);
