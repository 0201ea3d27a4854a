import type { CallerName, Job } from '../../compute/client/index.ts';
import { parseNotes } from '../job/notes.ts';
import { getUntrustedCaller } from '../job/trusted-origin.ts';
import { toCodeSpan } from '../markdown/untrusted-text.ts';

/** Describes a caller of the orchestrator. */
export const formatCaller = ({ kind, name }: Pick<CallerName, 'kind' | 'name'>): string =>
  kind === 'platform' ? 'the platform’s own key' : `the ${kind} ${toCodeSpan(name, 200)}`;

/** Describes a person; if the caller that named them has not verified it, marks the name as that caller's claim. */
export const formatPerson = (name: string, via: CallerName | null | undefined): string =>
  appendClaimant(toCodeSpan(name, 60), via);

/** Describes the requester of a job, and the app that posted the request, if any. @param name the login in the job's origin or condition */
export const formatRequester = (job: Job, name: string): string => {
  const { app } = parseNotes(job.origin);
  const person = toCodeSpan(name, 60);
  return appendClaimant(
    app === null ? person : `${person} through the GitHub App ${toCodeSpan(app, 100)}`,
    getUntrustedCaller(job),
  );
};

const appendClaimant = (text: string, via: CallerName | null | undefined): string =>
  `${text}${formatClaimant(via)}`;

/** Names the caller that claims something about a person; empty if the caller has verified the person. */
export const formatClaimant = (via: CallerName | null | undefined): string =>
  via && !via.entry ? ` (according to ${formatCaller(via)})` : '';
