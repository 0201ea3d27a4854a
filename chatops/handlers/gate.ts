import type { Job } from '../../compute/client/index.ts';
import { describeRule, type Decision } from '../policy/index.ts';
import * as say from '../reply/answers/index.ts';
import { isRequester, mayRun, subjectOf, type Subject } from '../rights.ts';
import { refused, type Outcome, type Visit } from '../visit.ts';

/** Why the author is refused; undefined if the decision allows. `command`: as it is shown. */
export const denial = (
  command: string,
  decision: Decision,
  { comment, ports }: Visit,
): Outcome | undefined => {
  if (decision.allowed) return undefined;
  const { reason, needed, held } = decision;
  const told = { reason, words: describeRule(needed), held, entry: ports.entry.name };
  return refused(say.notAllowed(command, comment.author.login, told), reason, { explains: 'denied' });
};

/** Refuses who may not run something. */
export const mustRun = async (
  command: string,
  subject: Subject,
  visit: Visit,
): Promise<Outcome | undefined> => denial(command, await mayRun(subject, visit), visit);

/** Refuses who neither asked for a job nor may run what it runs. */
export const mustOwn = async (command: string, job: Job, visit: Visit): Promise<Outcome | undefined> =>
  isRequester(job, visit) ? undefined : mustRun(command, subjectOf(job), visit);
