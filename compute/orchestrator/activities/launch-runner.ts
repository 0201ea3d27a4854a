import type { LockCondition } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import { exitPath, logPath, scriptPath, startedPath } from '../../../contracts/blob-paths.ts';
import { defaultTimeoutSeconds, type TaskRequest } from '../../../contracts/job-request.ts';
import { fillTaskLocks } from '../../../contracts/task-locks.ts';
import type { RunnerOrder } from '../../launcher/port.ts';
import type { Blobs } from '../../storage/port.ts';
import { isAsPinned, readTask, type TaskDefinition } from '../catalogue/catalogue.ts';
import { markOf, type Stop } from '../job/cancellation-marker.ts';
import { taskValues } from '../catalogue/resolve-parameters.ts';
import { textOf } from '../text.ts';
import type { Dependencies } from './dependencies.ts';

export type Launch =
  | { timeoutSeconds: number }
  | { reason: 'definition-invalid' | 'script-missing' | 'launch-failed'; message: string }
  | { stop: Stop };

/** `locks`: the locks that the job holds; missing in requests of older versions. */
type LaunchInput = { job: JobId; request: TaskRequest; locks?: LockCondition[] };

/** How much longer than its script a runner may need its links, in seconds. */
const linkGrace = 3_600;

/**
 * Checks a task's definition, script and parameters, and launches its runner. When it is called again after its script has
 * started, it launches nothing: the script must not start twice.
 */
export const launchRunner =
  (dependencies: Dependencies) =>
  async (input: LaunchInput): Promise<Launch> => {
    const launch = await launched(dependencies, input);
    // A job that ends here has no runner, though an earlier attempt may have launched one.
    if (!('timeoutSeconds' in launch)) await dependencies.launcher.remove(input.job);
    return launch;
  };

const launched = async (
  { storage: { blobs }, launcher, mostSeconds }: Dependencies,
  { job, request, locks = [] }: LaunchInput,
): Promise<Launch> => {
  const before = await markOf(blobs, job);
  if (before) return { stop: before };
  const read = await readTask(blobs, request.taskName);
  if (!read) return refused(`There is no task ${request.taskName} any more`);
  if (!read.ok) return refused(read.problem.message);
  const values = taskValues(read.value, request.parameters);
  if (!values.ok) return refused(values.problem.message);
  if (!(await blobs.exists(scriptPath(read.value.scriptName)))) return scriptMissing(read.value);
  const order = orderOf(blobs, job, request, read.value, values.value, mostSeconds);
  const { timeoutSeconds } = order;
  if (await blobs.exists(startedPath(job))) return { timeoutSeconds };
  if (!(await isAsPinned(blobs, read, request.pin)))
    return refused('definition or script changed since it was asked for');
  if (!hasLocks(locks, read.value, values.value))
    return refused(
      `the locks in the definition of ${request.taskName} changed after the job was started; start it again`,
    );
  try {
    await launcher.launch(order);
  } catch (thrown) {
    if (await blobs.exists(startedPath(job))) return { timeoutSeconds };
    return { reason: 'launch-failed', message: `The runner could not be started: ${textOf(thrown)}` };
  }
  // Who ended the job meanwhile may have looked for its runner too early.
  const after = await markOf(blobs, job);
  return after ? { stop: after } : { timeoutSeconds };
};

/** Returns whether a job holds all locks of a definition, with no more slots. The definition may have changed since the job was started. */
const hasLocks = (
  locks: readonly LockCondition[],
  definition: TaskDefinition,
  values: Record<string, string>,
): boolean => {
  const needed = fillTaskLocks(definition.locks ?? [], values);
  return (
    needed.ok &&
    needed.value.every(({ scope, key, slots }) =>
      locks.some((lock) => lock.scope === scope && lock.key === key && lock.slots <= slots),
    )
  );
};

const refused = (message: string): Launch => ({ reason: 'definition-invalid', message });

const scriptMissing = ({ scriptName }: TaskDefinition): Launch => ({
  reason: 'script-missing',
  message: `The script ${scriptName} is not in the catalogue`,
});

const orderOf = (
  blobs: Blobs,
  job: JobId,
  request: TaskRequest,
  task: TaskDefinition,
  parameters: Record<string, string>,
  mostSeconds: number,
): RunnerOrder => {
  const asked = request.timeoutSeconds ?? task.timeoutSeconds ?? defaultTimeoutSeconds;
  const timeoutSeconds = Math.min(asked, mostSeconds);
  const seconds = timeoutSeconds + linkGrace;
  return {
    job,
    image: task.dockerImage,
    parameters,
    secrets: task.scriptParameters.filter(({ secret }) => secret).map(({ parameterName }) => parameterName),
    timeoutSeconds,
    // The definition's own comes first: a script that it does not expect is not run because somebody asked for that one.
    sha256: task.sha256 ?? request.pin?.script ?? null,
    links: {
      script: blobs.readLink(scriptPath(task.scriptName), seconds),
      started: blobs.createLink(startedPath(job), seconds),
      log: blobs.appendLink(logPath(job), seconds),
      exit: blobs.createLink(exitPath(job), seconds),
    },
  };
};
