import { kindOfFault, rateLimitWait } from '../../chatops/github/classify-error.ts';
import { OrchestratorFault } from '../../compute/client/index.ts';

/** The sweep ends before all is done; the next one goes on. Its message is for the readers of the run. */
export class EndsEarly extends Error {
  override name = 'EndsEarly';
}

/** Makes a call. @throws EndsEarly where GitHub takes no more of them for now; the fault of the call */
export const heeding = async <T>(call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (cause) {
    const kind = cause instanceof OrchestratorFault ? undefined : kindOfFault(cause);
    if (kind?.kind !== 'rate-limited') throw cause;
    const seconds = Math.ceil(rateLimitWait(kind) / 1_000);
    throw new EndsEarly(
      `GitHub takes no more calls for ${seconds} s: the sweep ends early, and the next one goes on.`,
      { cause },
    );
  }
};
