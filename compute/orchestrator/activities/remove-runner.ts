import { exitPath } from '../../../contracts/blob-paths.ts';
import type { JobId } from '../../../contracts/ids.ts';
import { LauncherUnavailableError, type Launcher, type RemovalOutcome } from '../../launcher/port.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** Asks the launcher once to remove a job's runner. The orchestration repeats the call until the runner is gone. */
export const removeRunnerOnce =
  ({ launcher }: Pick<ActivityDependencies, 'launcher'>) =>
  ({ job }: { job: JobId }): Promise<RemovalOutcome> =>
    callLauncher(launcher, job);

/**
 * Removes a runner. After its exit record, one attempt is enough: its script has ended, and the launcher finishes the removal later.
 * @throws LauncherUnavailableError if its script may still run, so that the activity is repeated
 */
export const removeRunner = async (
  { storage: { blobs }, launcher }: Pick<ActivityDependencies, 'storage' | 'launcher'>,
  job: JobId,
): Promise<void> => {
  if ((await callLauncher(launcher, job)) === 'gone' || (await blobs.exists(exitPath(job)))) return;
  throw new LauncherUnavailableError('The runner is not removed yet');
};

const callLauncher = async (launcher: Launcher, job: JobId): Promise<RemovalOutcome> => {
  try {
    return await launcher.remove(job);
  } catch (error) {
    if (error instanceof LauncherUnavailableError) return 'later';
    throw error;
  }
};
