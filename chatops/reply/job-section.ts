import type { Job } from '../../compute/client/index.ts';
import { inline } from '../markdown/foreign.ts';
import { linksText } from './links.ts';
import { counts, progressLine } from './progress.ts';
import { reasonSentence } from './reason.ts';
import { failuresText, resultText } from './result.ts';
import { lookOf } from './state.ts';
import { exitText, logText, readTaskResult } from './task-result.ts';
import { pointInTime, timeBetween } from './time.ts';

export type View = {
  /** Everyone may read the thread: output links are shown without their addresses. */
  isPublic: boolean;
  /** Characters that the section should take at most; it may be a little more. */
  room: number;
  /** Without what may differ while the job has not moved: links and running time. */
  still?: boolean;
};

type Paragraph = string | undefined;

/** What a reply says of one job, in its present state. */
export const jobSection = (job: Job, view: View): string => {
  const { end } = lookOf(job.state);
  const paragraphs: Paragraph[] = [
    headline(job),
    ...(end === undefined ? present(job, view) : past(job, view)),
    view.still ? undefined : linksText(job.links, view.isPublic),
    footer(job),
  ];
  return paragraphs.filter((paragraph) => paragraph !== undefined).join('\n\n');
};

const headline = (job: Job): string => {
  const { emoji, words, end } = lookOf(job.state);
  const by = job.state === 'canceled' && job.endedBy !== null ? ` by ${inline(job.endedBy, 60)}` : '';
  const spent =
    end && job.endedAt !== null ? timeBetween(job.startedAt ?? job.createdAt, job.endedAt) : undefined;
  const time = spent === undefined ? '' : ` ${end === 'well' ? 'in' : 'after'} ${spent}`;
  return `${emoji} **${commandOf(job)}** ${words}${by}${time}.`;
};

/** The command as it was written; a job that came without one is named by what it does. */
const commandOf = ({ kind, origin, request }: Job): string => {
  if (origin.command !== undefined) return inline(origin.command, 300);
  const subject = kind === 'compute' ? request['inputCount'] : request['taskName'];
  const name = typeof subject === 'string' || typeof subject === 'number' ? ` ${subject}` : '';
  return inline(`${kind === 'compute' ? 'compute' : 'run'}${name}`, 300);
};

/** A job that has not ended. */
const present = (job: Job, { still }: View): Paragraph[] => {
  if (job.state !== 'running') return [job.message === null ? undefined : inline(job.message, 500)];
  const elapsed = still || job.startedAt === null ? undefined : timeBetween(job.startedAt, job.updatedAt);
  if (job.progress) return [progressLine(job.progress, elapsed)];
  // A reply without progress is not edited until the end: a running time in it would soon be wrong.
  return [job.startedAt === null ? undefined : `Started at ${pointInTime(job.startedAt)}.`];
};

/** A job that has ended. */
const past = (job: Job, { room }: View): Paragraph[] => {
  const task = job.kind === 'task' ? readTaskResult(job.result) : undefined;
  const exit = task && exitText(task);
  return [
    sentences([
      job.progress && `${counts(job.progress)}.`,
      exit !== undefined && job.reason === 'script-failed' ? null : job.reason && reasonSentence(job.reason),
      exit,
    ]),
    messageOf(job, exit !== undefined),
    failuresText(job),
    task ? logText(task, atMost(8_192, room)) : computed(job, room),
  ];
};

/** What there is to say beyond the reason; of a script whose end is known, and of failed blocks, it is said already. */
const messageOf = ({ reason, message }: Job, endIsKnown: boolean): Paragraph =>
  message === null || endIsKnown || reason === 'blocks-failed' || reason === 'all-blocks-failed'
    ? undefined
    : inline(message, 500);

/** Room for one text of others: a fence around it may be as long again, on either side. */
const atMost = (most: number, room: number): number => Math.min(most, Math.floor(room / 3));

const sentences = (parts: (string | null | undefined)[]): Paragraph =>
  parts.filter((part) => typeof part === 'string').join(' ') || undefined;

const computed = ({ kind, state, result }: Job, room: number): Paragraph => {
  if (kind === 'task') return undefined;
  if (result !== null && result !== undefined) return resultText(result, atMost(4_096, room));
  return lookOf(state).end === 'well'
    ? 'The result is too large to be shown here: see the outputs.'
    : undefined;
};

const footer = (job: Job): string => {
  const { sender, comment } = job.origin;
  const parts = [
    inline(job.id),
    sender === undefined ? undefined : `asked by ${inline(sender, 60)}`,
    pointInTime(comment?.createdAt ?? job.createdAt),
  ];
  return `<sub>${parts.filter((part) => part !== undefined).join(' · ')}</sub>`;
};
