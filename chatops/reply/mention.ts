import type { Job } from '../../compute/client/index.ts';
import { parseNotes, type JobNotes } from '../job/notes.ts';

/** A mention of a user or a team. */
const mentionPattern = /^@[a-z0-9][a-z0-9_-]*(\/[a-z0-9._-]+)?$/i;
const maxNames = 20;

// Edits keep this line until the approval is decided, so its wording must stay true.
const lineStart = 'For approval by ';
const linePattern = new RegExp(`^${lineStart}@[A-Za-z0-9._/-]+(, @[A-Za-z0-9._/-]+)*$`);

/** Formats the line that mentions the approvers; undefined if no user or team can be mentioned. */
export const formatMention = ({ approvers }: Pick<JobNotes, 'approvers'>): string | undefined => {
  const names = [...new Set(approvers?.mentions)].filter((mention) => mentionPattern.test(mention));
  return names.length === 0 ? undefined : `${lineStart}${names.slice(0, maxNames).join(', ')}`;
};

/** Returns whether a job waits for approval, or may do so. Approval is always the first condition. */
export const mayAwaitApproval = ({ state, waiting }: Pick<Job, 'state' | 'waiting'>): boolean =>
  state === 'queued' || (state === 'waiting' && waiting?.for !== 'lock');

/** Formats the line for several jobs: mentions the approvers of those that wait for approval, or will. */
export const formatMentionForJobs = (jobs: readonly Job[]): string | undefined => {
  const approvers = jobs.filter(mayAwaitApproval).flatMap(({ origin }) => parseNotes(origin).approvers ?? []);
  const mentions = approvers.flatMap(({ mentions }) => mentions);
  return formatMention({ approvers: { words: '', mentions } });
};

/** Returns the line of mentions in an existing reply. */
export const readMention = (body: string): string | undefined => {
  const [line = ''] = body.split(/\r?\n/, 1);
  return linePattern.test(line) ? line : undefined;
};
