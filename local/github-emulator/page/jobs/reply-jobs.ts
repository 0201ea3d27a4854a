import { jobIdSource, toShortId } from '../../../../contracts/ids.ts';
import { hasEnded, jobStates, type JobState } from '../../../../contracts/job.ts';
import { repositoryName, type Accounts } from '../../accounts.ts';
import type { CommentRow } from '../../store/comments.ts';
import type { EmulatorStore } from '../../store/store.ts';
import { markup, type Html } from '../html.ts';

/** The hidden line before the section of a job in a reply. `docs/formats.md` describes it. */
const sectionLine = new RegExp(
  `^<!-- coxswain:section \\d{1,9} [0-9a-f]{8} (${jobIdSource}) ([a-z-]{1,40}) [0-9a-f]{8} -->\\r?$\\n?([^\\n]*)`,
  'gm',
);

type Reply = Pick<CommentRow, 'author' | 'body'>;

/** A job in a reply. `hasLog`: whether it is a task, which has a log. */
type RepliedJob = { id: string; state: JobState; hasLog: boolean };

/** Returns the jobs whose states a comment shows. Only comments of apps are replies: people could paste these lines. */
const listReplyJobs = ({ author, body }: Reply, accounts: Accounts): RepliedJob[] => {
  if (accounts.getById(author).type !== 'Bot') return [];
  return [...body.matchAll(sectionLine)].flatMap(([, id = '', name, heading = '']) => {
    const state = jobStates.find((one) => one === name);
    return state ? [{ id, state, hasLog: heading.includes('/run ') }] : [];
  });
};

/** Returns the paths of the replies in a thread, by the ids of their jobs. */
export const findReplies = (
  { comments, reviewComments }: Pick<EmulatorStore, 'comments' | 'reviewComments'>,
  accounts: Accounts,
  thread: number,
): ReadonlyMap<string, string> => {
  const find = (replies: readonly (Reply & { id: number })[], path: string): [string, string][] =>
    replies.flatMap((reply) =>
      listReplyJobs(reply, accounts).map(({ id }): [string, string] => [
        id,
        `/${repositoryName}/${path}${reply.id}`,
      ]),
    );
  return new Map([
    ...find(comments.list({ issue: thread }), `issues/${thread}#issuecomment-`),
    ...find(reviewComments.list({ pull: thread }), `pull/${thread}#discussion_r`),
  ]);
};

/** Renders links from a reply to the pages of its jobs, which only these pages have. */
export const renderJobLinks = (comment: Reply, accounts: Accounts): Html | false => {
  const jobs = listReplyJobs(comment, accounts);
  const links = jobs.map(({ id, state, hasLog }) => {
    const page = `/${repositoryName}/jobs/${id}`;
    const name = jobs.length > 1 ? ` of job ${toShortId(id)}` : '';
    if (hasEnded(state)) return markup`<li><a href="${page}">Details${name}</a></li>`;
    return hasLog && state === 'running'
      ? markup`<li><a href="${page}#log">Follow the log${name}</a></li>`
      : markup`<li><a href="${page}">Follow the job${name}</a></li>`;
  });
  return links.length > 0 && markup`<ul class="job-links" aria-label="Jobs">${links}</ul>`;
};
