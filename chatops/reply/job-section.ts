import type { Job } from '../../compute/client/index.ts';
import { notesOf } from '../job/notes.ts';
import { inline } from '../markdown/untrusted-text.ts';
import { requesterText } from './caller.ts';
import { endedText } from './finished-job.ts';
import { exact } from './exact-text.ts';
import { commitText } from './request-table.ts';
import { headline } from './headline.ts';
import { linksText } from './links.ts';
import { besideProgress, progressLine } from './progress.ts';
import { lookOf } from './state-labels.ts';
import { pointInTime } from './time.ts';
import { approvedText, waitingText } from './waiting-job.ts';

export type View = {
  /** Everyone may read the thread: output links are shown without their addresses. */
  isPublic: boolean;
  /** Characters that the section should take at most; it may be a little more. */
  room: number;
  /** Without what may differ while the job has not moved: links, workers, running time, pace, time left. */
  still?: boolean;
};

type Paragraph = string | undefined;

/** What a reply says of one job, in its present state. */
export const jobSection = (job: Job, view: View): string => {
  const { end } = lookOf(job.state);
  const paragraphs: Paragraph[] = [
    headline(job),
    retryText(job),
    inputsText(job),
    approvedText(job),
    ...(end === undefined ? present(job, view) : endedText(job, view.room)),
    view.still ? undefined : linksText(job.links, view.isPublic),
    footer(job),
  ];
  return paragraphs.filter((paragraph) => paragraph !== undefined).join('\n\n');
};

/** A job that has not ended. */
const present = (job: Job, { still, room }: View): Paragraph[] => {
  if (job.state === 'waiting' && job.waiting) return waitingText(job, job.waiting, room);
  if (job.state !== 'running') return [job.message === null ? undefined : inline(job.message, 500)];
  if (job.progress) {
    return [[progressLine(job.progress), ...(still ? [] : besideProgress(job))].join(' · ')];
  }
  // A reply without progress is not edited until the end: a running time in it would soon be wrong.
  return [job.startedAt === null ? undefined : `Started at ${pointInTime(job.startedAt)}.`];
};

const retryText = ({ retryOf, kind }: Job): Paragraph =>
  retryOf === null
    ? undefined
    : `A retry of ${inline(retryOf)}${kind === 'compute' ? ': blocks that were done are taken over' : ''}.`;

/** Inputs from the repository: where they were read. What waits for approval says it among all else. */
const inputsText = ({ origin, waiting }: Job): Paragraph => {
  const { inputs } = notesOf(origin);
  if (!inputs?.path || waiting?.for === 'approval') return undefined;
  return `Its inputs are ${exact(inputs.path, 500)} at ${commitText(inputs.commit)}.`;
};

const footer = (job: Job): string => {
  const { sender, comment } = job.origin;
  const parts = [
    inline(job.id),
    sender === undefined ? undefined : `asked by ${requesterText(job, sender)}`,
    pointInTime(comment?.createdAt ?? job.createdAt),
  ];
  return `<sub>${parts.filter((part) => part !== undefined).join(' · ')}</sub>`;
};
