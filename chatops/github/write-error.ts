import { kindOfFault } from './classify-error.ts';
import { WriteRefused } from './ports.ts';

/** The answers that become `WriteRefused`, in addition to a thread that accepts no writes. */
type Final = 'not-found' | 'forbidden' | 'invalid';

/**
 * Runs a call on a thread. A permanent refusal becomes `WriteRefused`: a thread that is locked, archived or full, and the kinds in
 * `finals`.
 * @param finals `not-found` by default: the thread is gone. Pass none if a 404 may be about a comment instead of the thread
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
