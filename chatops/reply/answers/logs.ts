import type { Job, JobLog } from '../../../compute/client/index.ts';
import { toCodeBlock } from '../../markdown/untrusted-text.ts';
import { formatFileSize } from '../../../contracts/file-size.ts';
import { formatJob } from '../headline.ts';
import { renderLinks } from '../links.ts';
import { getStateLabel } from '../state-labels.ts';

/** The maximum number of characters of a log; the code fence around it can be as long again. */
const maxLogLength = 15_000;

/**
 * Shows the end of a job's log.
 * @param isPublic everyone can read the thread: the link to the whole log is shown without its address
 */
export const renderLog = (job: Job, log: JobLog | undefined, isPublic = true): string => {
  if (job.kind === 'compute')
    return `${formatJob(job)} is a compute job and has no log. Its reply lists failed blocks.`;
  if (!log || log.text.trim() === '')
    return `${formatJob(job)} ${getStateLabel(job).end ? 'left no log' : 'has no log yet'}.`;
  const part = log.truncated || log.text.length > maxLogLength;
  const link = part ? renderLinks(job, isPublic, ['log']) : undefined;
  return [
    `📜 ${part ? `The end of the log (${formatFileSize(log.bytes)} in total)` : 'The log'} of ${formatJob(job)}${getStateLabel(job).end ? '' : ' so far'}:`,
    toCodeBlock(log.text, maxLogLength),
    ...(link === undefined ? [] : [link]),
  ].join('\n\n');
};
