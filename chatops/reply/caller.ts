import type { CallerName, Job } from '../../compute/client/index.ts';
import { notesOf } from '../job/notes.ts';
import { claimantOf } from '../job/vouched.ts';
import { inline } from '../markdown/foreign.ts';

/** A caller of the orchestrator, in words. */
export const callerText = ({ kind, name }: Pick<CallerName, 'kind' | 'name'>): string =>
  kind === 'platform' ? 'the platform’s own key' : `the ${kind} ${inline(name, 200)}`;

/** A person, plainly if whoever named them had verified it, and as that caller's claim otherwise. */
export const personText = (name: string, via: CallerName | null | undefined): string =>
  withClaimant(inline(name, 60), via);

/** Who asked for a job, and which app posted that if one did. @param name the login, as the job's origin or condition has it */
export const requesterText = (job: Job, name: string): string => {
  const { app } = notesOf(job.origin);
  const person = inline(name, 60);
  return withClaimant(
    app === null ? person : `${person} through the GitHub App ${inline(app, 100)}`,
    claimantOf(job),
  );
};

const withClaimant = (text: string, via: CallerName | null | undefined): string =>
  via && !via.entry ? `${text} (according to ${callerText(via)})` : text;
