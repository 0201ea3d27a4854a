import { exitPath } from '../../../contracts/blob-paths.ts';
import type { JobId } from '../../../contracts/ids.ts';
import { LauncherUnavailableError, type RemovalOutcome } from '../../launcher/port.ts';
import type { ActivityDependencies } from './dependencies.ts';

type RemovalDependencies = Pick<ActivityDependencies, 'launcher' | 'log'>;

/** Asks the launcher once to remove a job's runner. The orchestration repeats the call until the runner is gone. */
export const removeRunnerOnce =
  ({ launcher, log }: RemovalDependencies) =>
  async ({ job }: { job: JobId }): Promise<RemovalOutcome> => {
    try {
      return await launcher.remove(job);
    } catch (error) {
      if (!(error instanceof LauncherUnavailableError)) throw error;
      log.warn({ err: error, job }, 'a runner could not be removed yet');
      return 'later';
    }
  };

/**
 * Removes a runner. After its exit record, one attempt is enough, also if it fails: its script has ended, and the tick finishes the removal.
 * @throws an error if its script may still run, so that the activity is repeated
 */
export const removeRunner = async (
  dependencies: RemovalDependencies & Pick<ActivityDependencies, 'storage'>,
  job: JobId,
): Promise<void> => {
  const hasExited = () => dependencies.storage.blobs.exists(exitPath(job));
  try {
    if ((await removeRunnerOnce(dependencies)({ job })) === 'gone' || (await hasExited())) return;
  } catch (error) {
    if (!(await hasExited())) throw error;
    dependencies.log.error({ err: error, job }, 'the runner of a script that has ended could not be removed');
    return;
  }
  throw new LauncherUnavailableError('The runner is not removed yet');
};
