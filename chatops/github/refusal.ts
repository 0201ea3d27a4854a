import { WriteRefused } from './port.ts';
import { statusOf } from './octokit.ts';

/**
 * What GitHub says when a thread takes no more comments: `Unable to create comment because issue is locked.`,
 * `Repository was archived so is read-only.`, `Commenting is disabled on issues with more than 2500 comments`.
 * A 403 or 422 that says something else (a missing permission, a rate limit, "submitted too quickly") can pass.
 */
const closed = /\blocked\b|\barchived\b|read-only|commenting is disabled|too many comments/i;

/**
 * Runs a call on a thread; an answer that will stay the same becomes `WriteRefused`.
 * @param gone what a 404 or 410 is about: the thread, or only a comment of it, whose end says nothing about the thread
 */
export const refusing = async <T>(
  call: () => Promise<T>,
  gone: 'thread' | 'comment' = 'thread',
): Promise<T> => {
  try {
    return await call();
  } catch (cause) {
    const status = statusOf(cause);
    const isGone = gone === 'thread' && (status === 404 || status === 410);
    if (isGone || isClosed(status, cause)) throw new WriteRefused((cause as Error).message, { cause });
    throw cause;
  }
};

const isClosed = (status: number | undefined, error: unknown): boolean =>
  (status === 403 || status === 422) && error instanceof Error && closed.test(error.message);
