import { exitPath } from '../../../contracts/blob-paths.ts';
import type { JobId } from '../../../contracts/ids.ts';
import { LauncherUnavailableError } from '../../launcher/port.ts';
import type { ActivityDependencies } from './dependencies.ts';

/**
 * Removes a runner. After its exit record, one attempt is enough: its script has ended, and the launcher finishes the removal later.
 * @throws LauncherUnavailableError if its script may still run, so that the activity is repeated
 */
export const removeRunner = async (
  { storage: { blobs }, launcher }: Pick<ActivityDependencies, 'storage' | 'launcher'>,
  job: JobId,
): Promise<void> => {
  if ((await launcher.remove(job)) === 'gone' || (await blobs.exists(exitPath(job)))) return;
  throw new LauncherUnavailableError('The runner is not removed yet');
};
