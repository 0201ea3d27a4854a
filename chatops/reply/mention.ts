import type { Job } from '../../compute/client/index.ts';
import { parseNotes, type JobNotes } from '../job/notes.ts';

/** A user or a team, as GitHub writes them. */
const mentionPattern = /^@[a-z0-9][a-z0-9_-]*(\/[a-z0-9._-]+)?$/i;
const maxNames = 20;

// Edits keep the line to the end of the job, so it is true at every time.
const lineStart = 'For approval by ';
const linePattern = new RegExp(`^${lineStart}@[A-Za-z0-9._/-]+(, @[A-Za-z0-9._/-]+)*$`);

/** The line that calls those who may approve; undefined if there is nobody to call by name. */
export const formatMention = ({ approvers }: Pick<JobNotes, 'approvers'>): string | undefined => {
  const names = [...new Set(approvers?.mentions)].filter((mention) => mentionPattern.test(mention));
  return names.length === 0 ? undefined : `${lineStart}${names.slice(0, maxNames).join(', ')}`;
};

/** The same for several jobs at once, of those that wait for approval or are about to: approval comes before all else. */
export const formatMentionForJobs = (jobs: readonly Job[]): string | undefined => {
  const awaitingApproval = jobs.filter(
    ({ state, waiting }) => state === 'queued' || (state === 'waiting' && waiting?.for !== 'lock'),
  );
  const approvers = awaitingApproval.flatMap(({ origin }) => parseNotes(origin).approvers ?? []);
  const mentions = approvers.flatMap(({ mentions }) => mentions);
  return formatMention({ approvers: { words: '', mentions } });
};

/** The line of mentions that a reply was created with. */
export const readMention = (body: string): string | undefined => {
  const [line = ''] = body.split(/\r?\n/, 1);
  return linePattern.test(line) ? line : undefined;
};
