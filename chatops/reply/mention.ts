import type { Job } from '../../compute/client/index.ts';
import { notesOf, type Notes } from '../job/notes.ts';

/** A user or a team, as GitHub writes them. */
const name = /^@[a-z0-9][a-z0-9_-]*(\/[a-z0-9._-]+)?$/i;
const mostNames = 20;

// Edits keep the line to the end of the job, so it is true at every time.
const words = 'For approval by ';
const linePattern = new RegExp(`^${words}@[A-Za-z0-9._/-]+(, @[A-Za-z0-9._/-]+)*$`);

/** The line that calls those who may approve; undefined if there is nobody to call by name. */
export const mentionLine = ({ approvers }: Pick<Notes, 'approvers'>): string | undefined => {
  const names = [...new Set(approvers?.mentions)].filter((mention) => name.test(mention));
  return names.length === 0 ? undefined : `${words}${names.slice(0, mostNames).join(', ')}`;
};

/** The same for several jobs at once, of those that wait for approval or are about to: approval comes before all else. */
export const mentionOf = (jobs: readonly Job[]): string | undefined => {
  const asking = jobs.filter(
    ({ state, waiting }) => state === 'queued' || (state === 'waiting' && waiting?.for !== 'lock'),
  );
  const approvers = asking.flatMap(({ origin }) => notesOf(origin).approvers ?? []);
  const mentions = approvers.flatMap(({ mentions }) => mentions);
  return mentionLine({ approvers: { words: '', mentions } });
};

/** The line of mentions that a reply was created with. */
export const readMention = (body: string): string | undefined => {
  const [line = ''] = body.split(/\r?\n/, 1);
  return linePattern.test(line) ? line : undefined;
};
