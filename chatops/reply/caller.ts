import type { CallerName, Job } from '../../compute/client/index.ts';
import { notesOf } from '../job/notes.ts';
import { claimantOf } from '../job/trusted-origin.ts';
import { inline } from '../markdown/untrusted-text.ts';

/** Describes a caller of the orchestrator. */
export const callerText = ({ kind, name }: Pick<CallerName, 'kind' | 'name'>): string =>
  kind === 'platform' ? 'the platform’s own key' : `the ${kind} ${inline(name, 200)}`;

/** Describes a person; if the caller that named them has not verified it, marks the name as that caller's claim. */
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
  `${text}${claimantText(via)}`;

/** Says whose claim something about a person is; empty if the caller had verified the person. */
export const claimantText = (via: CallerName | null | undefined): string =>
  via && !via.entry ? ` (according to ${callerText(via)})` : '';
