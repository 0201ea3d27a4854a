import { getGitHubRemedies } from './error-message.ts';
import { getStatus } from '../../chatops/github/api-client.ts';
import type { Job } from '../../compute/client/index.ts';
import { classifyError, getRateLimitWait } from '../../chatops/github/classify-error.ts';
import { buildRetryOptions, retryCall } from '../retry.ts';
import type { StepDeadline } from '../step/deadline.ts';
import { info, warning } from './log.ts';

/** The minimum time between two writes of progress, in milliseconds. */
const writeInterval = 60_000;

/** How long the last write is retried after an error, in milliseconds. Rate limits are waited out as long as the step has time. */
const retryMilliseconds = 90_000;

/** A reply whose updates are throttled. */
export type ThrottledReply = {
  /** Writes the state of a job, at most once a minute. */
  show(job: Job): Promise<void>;
  /** Writes the state of a job at the end of the step. */
  close(job: Job): Promise<void>;
};

/** Throttles writes of a reply. @param options signal: stops retries; writtenAt: the time of the last write, by `performance.now()` */
export const throttleReply = (
  writeReply: (job: Job) => Promise<void>,
  {
    writtenAt = -Infinity,
    ...deadline
  }: Pick<StepDeadline, 'signal' | 'getRemaining'> & { writtenAt?: number },
): ThrottledReply => {
  let nextWriteAt = writtenAt + writeInterval;
  const attempt = createErrorWarner();
  return {
    show: async (job) => {
      if (performance.now() < nextWriteAt) return;
      nextWriteAt = performance.now() + writeInterval;
      await attempt(() =>
        writeReply(job).catch((fault: unknown) => {
          const kind = classifyError(fault);
          if (kind?.kind === 'rate-limited')
            nextWriteAt = Math.max(nextWriteAt, performance.now() + getRateLimitWait(kind));
          throw fault;
        }),
      );
    },
    close: (job) => {
      const retryOptions = {
        ...buildRetryOptions(deadline, info),
        graceSignal: AbortSignal.timeout(retryMilliseconds),
      };
      return attempt(() => retryCall(() => retryIfDeleted(() => writeReply(job)), retryOptions));
    },
  };
};

/** Writes again if the reply to edit was deleted: the second write creates it. */
const retryIfDeleted = async (write: () => Promise<void>): Promise<void> => {
  try {
    await write();
  } catch (fault) {
    if (getStatus(fault) !== 404) throw fault;
    await write();
  }
};

/** Prints a failed write as a warning: it does not change the result of the job. */
export const warnOnError = (write: () => Promise<void>, what?: string): Promise<void> =>
  createErrorWarner(what)(write);

/** Returns a `warnOnError` for several writes, which prints each message once. */
const createErrorWarner = (
  what = 'Could not write the reply',
): ((write: () => Promise<void>) => Promise<void>) => {
  const warned = new Set<string>();
  return async (write) => {
    try {
      await write();
    } catch (cause) {
      const { message } = cause as Error;
      if (!warned.has(message)) warning([`${what}: ${message}`, ...getGitHubRemedies(cause)].join('\n'));
      warned.add(message);
    }
  };
};
