import type { Job } from '../../compute/client/index.ts';
import { inline } from '../markdown/untrusted-text.ts';
import { exact } from './exact-text.ts';
import { counts } from './progress.ts';
import { reasonSentence } from './reason.ts';
import { failuresText, resultText } from './result.ts';
import { lookOf } from './state-labels.ts';
import { exitText, logText, readTaskResult } from './task-result.ts';

type Paragraph = string | undefined;

/** What there is to say of a job that has ended, in about `room` characters. */
export const endedText = (job: Job, room: number): Paragraph[] => {
  const task = job.kind === 'task' ? readTaskResult(job.result) : undefined;
  const exit = task && exitText(task);
  return [
    sentences([
      job.progress && `${counts(job.progress)}.`,
      exit !== undefined && job.reason === 'script-failed'
        ? null
        : job.reason && reasonSentence(job.reason, job.startedAt !== null),
      exit,
    ]),
    messageOf(job, exit !== undefined),
    failuresText(job),
    task ? logText(task, atMost(8_192, room)) : computed(job, room),
  ];
};

/** What there is to say beyond the reason; of a script whose end is known, and of failed blocks, it is said already. */
const messageOf = ({ reason, message }: Job, endIsKnown: boolean): Paragraph => {
  const said = endIsKnown || reason === 'blocks-failed' || reason === 'all-blocks-failed';
  if (message === null || said) return undefined;
  return reason === 'rejected' ? `Why: ${exact(message, 500)}` : inline(message, 500);
};

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
