import { remedyAtGitHub } from './error-message.ts';
import { statusOf } from '../../chatops/github/api-client.ts';
import type { Job } from '../../compute/client/index.ts';
import { kindOfFault, rateLimitWait } from '../../chatops/github/classify-error.ts';
import { patienceOf, persistently } from '../retry.ts';
import type { Stop } from '../step/deadline.ts';
import { info, warning } from './log.ts';

/** The least time between two writes for progress, in milliseconds. */
const betweenWrites = 60_000;

/** How long the last write is retried after a fault, in milliseconds. Rate limits are waited out as long as the step has time. */
const grace = 90_000;

/** A reply that is written seldom. */
export type Seldom = {
  /** Shows a job as it is, at most once a minute. */
  show(job: Job): Promise<void>;
  /** Shows how a job is at the step's end. */
  close(job: Job): Promise<void>;
};

/** @param options signal: stops retries; writtenAt: the time of the last write, by `performance.now()` */
export const seldom = (
  put: (job: Job) => Promise<void>,
  { writtenAt = -Infinity, ...stop }: Pick<Stop, 'signal' | 'left'> & { writtenAt?: number },
): Seldom => {
  let due = writtenAt + betweenWrites;
  const attempt = trying();
  return {
    show: async (job) => {
      if (performance.now() < due) return;
      due = performance.now() + betweenWrites;
      await attempt(() =>
        put(job).catch((fault: unknown) => {
          const kind = kindOfFault(fault);
          if (kind?.kind === 'rate-limited') due = Math.max(due, performance.now() + rateLimitWait(kind));
          throw fault;
        }),
      );
    },
    close: (job) => {
      const patience = { ...patienceOf(stop, info), grace: AbortSignal.timeout(grace) };
      return attempt(() => persistently(() => anew(() => put(job)), patience));
    },
  };
};

/** Does it once more if what was to be changed was deleted: then it is created. */
const anew = async (write: () => Promise<void>): Promise<void> => {
  try {
    await write();
  } catch (fault) {
    if (statusOf(fault) !== 404) throw fault;
    await write();
  }
};

/** What GitHub does not take is a warning: whether the job has done its work is another matter. */
export const tried = (write: () => Promise<void>, what?: string): Promise<void> => trying(what)(write);

/** The same for several writes: what is wrong with all of them is told once. */
const trying = (what = 'Could not write the reply'): ((write: () => Promise<void>) => Promise<void>) => {
  const told = new Set<string>();
  return async (write) => {
    try {
      await write();
    } catch (cause) {
      const { message } = cause as Error;
      if (!told.has(message)) warning([`${what}: ${message}`, ...remedyAtGitHub(cause)].join('\n'));
      told.add(message);
    }
  };
};
