import type { Job, JobLog } from '../../../compute/client/index.ts';
import { fenced } from '../../markdown/untrusted-text.ts';
import { named } from '../headline.ts';
import { linksText } from '../links.ts';
import { lookOf } from '../state-labels.ts';

/** Characters of a log that are shown; the fence around it may be as long again. */
const room = 15_000;

/**
 * The end of a job's log.
 * @param isPublic everyone may read the thread: the link to the whole is shown without its address
 */
export const logs = (job: Job, log: JobLog | undefined, isPublic = true): string => {
  if (job.kind === 'compute')
    return `${named(job)} is a computation, and has no log: its reply names blocks that failed.`;
  if (!log || log.text.trim() === '')
    return `${named(job)} has ${lookOf(job.state).end ? 'left no log' : 'no log yet'}.`;
  const part = log.truncated || log.text.length > room;
  const link = part ? linksText(job.links?.log ? { log: job.links.log } : null, isPublic) : undefined;
  return [
    `📜 ${part ? `The end of the log (${sizeText(log.bytes)} in all)` : 'The log'} of ${named(job)}:`,
    fenced(log.text, room),
    ...(link === undefined ? [] : [link]),
  ].join('\n\n');
};

const sizeText = (bytes: number): string => {
  if (bytes < 1_024) return `${bytes} bytes`;
  return bytes < 1_048_576 ? `${Math.round(bytes / 1_024)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`;
};
