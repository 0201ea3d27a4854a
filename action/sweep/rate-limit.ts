import { classifyError, getRateLimitWait } from '../../chatops/github/classify-error.ts';
import { OrchestratorError } from '../../compute/client/index.ts';

/** The sweep ends before all is done; the next one goes on. Its message is for the readers of the run. */
export class SweepStoppedError extends Error {
  override name = 'SweepStoppedError';
}

/** Makes a call. @throws SweepStoppedError where GitHub takes no more of them for now; the fault of the call */
export const stopOnRateLimit = async <T>(call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (cause) {
    const kind = cause instanceof OrchestratorError ? undefined : classifyError(cause);
    if (kind?.kind !== 'rate-limited') throw cause;
    const seconds = Math.ceil(getRateLimitWait(kind) / 1_000);
    throw new SweepStoppedError(
      `GitHub takes no more calls for ${seconds} s: the sweep ends early, and the next one goes on.`,
      { cause },
    );
  }
};
