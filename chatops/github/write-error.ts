import { classifyError } from './classify-error.ts';
import { WriteRefusedError } from './ports.ts';

/** The answers that become `WriteRefusedError`, in addition to a thread that accepts no writes. */
type FinalKind = 'not-found' | 'forbidden' | 'invalid';

/**
 * Runs a call on a thread. A permanent refusal becomes `WriteRefusedError`: a thread that is locked, archived or full, and the kinds in
 * `finals`.
 * @param finals `not-found` by default: the thread is gone. Pass none if a 404 may be about a comment instead of the thread
 */
export const convertWriteErrors = async <T>(
  call: () => Promise<T>,
  finals: readonly FinalKind[] = ['not-found'],
): Promise<T> => {
  try {
    return await call();
  } catch (cause) {
    const kind = classifyError(cause)?.kind;
    const isFinal = kind === 'locked-or-archived' || finals.some((final) => final === kind);
    if (isFinal) throw new WriteRefusedError((cause as Error).message, { cause });
    throw cause;
  }
};
