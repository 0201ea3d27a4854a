import type { Job } from '../../../compute/client/index.ts';
import { claimantOf } from '../../job/trusted-origin.ts';
import { inline } from '../../markdown/untrusted-text.ts';
import { table } from '../../markdown/table.ts';
import { callerText, requesterText } from '../caller.ts';
import { exact } from '../exact-text.ts';
import { commandText } from '../headline.ts';
import { jobSection } from '../job-section.ts';
import { counts } from '../progress.ts';
import { lookOf } from '../state-labels.ts';
import { pointInTime } from '../time.ts';
import { refused } from './refusal.ts';

/** Jobs of a thread, as a table. @param more how many others there are */
export const statusList = (jobs: readonly Job[], more: number): string => {
  if (jobs.length === 0) return 'No job was started in this thread yet.';
  const rows = jobs.map((job) => [
    exact(commandText(job), 150),
    stateText(job),
    requesterText(job, job.origin.sender ?? ''),
    pointInTime(job.createdAt),
    inline(job.id),
  ]);
  const list = table(['Command', 'State', 'Asked by', 'Since', 'Job'], rows);
  return more === 0 ? list : `${list}\n\nand ${more} older.`;
};

const stateText = ({ state, progress, waiting }: Job): string => {
  const { emoji, words } = lookOf(state);
  const what =
    state === 'waiting' && waiting ? ` for ${waiting.for === 'approval' ? 'approval' : 'its turn'}` : '';
  return `${emoji} ${words}${what}${progress && state === 'running' ? `: ${counts(progress)}` : ''}`;
};

/** Room for a job that is shown once: what does not fit is cut. */
const room = 30_000;

/** A job as its own reply shows it. One that no entry started may have no such reply, whatever its origin says. */
export const statusOf = (job: Job, isPublic: boolean): string => {
  const section = jobSection(job, { isPublic, room });
  const claimant = claimantOf(job);
  const told = [
    section,
    claimant && `It was started by ${callerText(claimant)}.`,
    lookOf(job.state).end
      ? undefined
      : `This was the state at the time of the command${claimant ? '' : '; the job’s own reply shows the current state'}.`,
  ];
  return told.filter((paragraph) => paragraph !== undefined).join('\n\n');
};

/** Several jobs can be meant: which, and how to say so. */
export const candidates = (command: string, jobs: readonly Job[]): string => {
  const rows = jobs
    .slice(0, 20)
    .map((job) => [inline(`${command} ${job.id}`), exact(commandText(job), 150), pointInTime(job.createdAt)]);
  return [
    refused(command, 'can mean several jobs, so nothing was done. Write one of these in a new comment:'),
    table(['Write', 'It means', 'Since'], rows),
    ...(jobs.length > 20 ? [`and ${jobs.length - 20} more.`] : []),
  ].join('\n\n');
};

/** Nothing fits the command. @param what why, in words of ours */
export const nothingToDo = (command: string, what: string): string =>
  refused(command, `found nothing to do: ${what}.`);

/** There is no such job, or it is another repository's, which is not told apart. */
export const jobNotFound = (command: string, id: string): string =>
  refused(command, `found no job ${inline(id, 60)} in this repository.`);
