import { kindOfFault } from './answer-kind.ts';
import { WriteRefused } from './port.ts';

/** What becomes `WriteRefused` beside a thread that takes no writes. */
type Final = 'not-found' | 'forbidden' | 'invalid';

/**
 * Runs a call on a thread; an answer that will stay the same becomes `WriteRefused`: that of a thread that is locked, archived or
 * full, and those of other kinds that are named.
 * @param finals `not-found` by default: the thread is gone. None where a 404 is about a comment of it, which says nothing about the thread
 */
export const refusing = async <T>(
  call: () => Promise<T>,
  finals: readonly Final[] = ['not-found'],
): Promise<T> => {
  try {
    return await call();
  } catch (cause) {
    const kind = kindOfFault(cause)?.kind;
    const isFinal = kind === 'locked-or-archived' || finals.some((final) => final === kind);
    if (isFinal) throw new WriteRefused((cause as Error).message, { cause });
    throw cause;
  }
};
