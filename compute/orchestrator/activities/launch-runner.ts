import type { LockCondition } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import { exitPath, logPath, scriptPath, startedPath } from '../../../contracts/blob-paths.ts';
import { defaultTimeoutSeconds, type TaskRequest } from '../../../contracts/job-request.ts';
import { fillTaskLocks } from '../../../contracts/task-locks.ts';
import type { RunSpec } from '../../launcher/port.ts';
import type { Blobs } from '../../storage/port.ts';
import { matchesPin, readTask, type TaskDefinition } from '../catalogue/catalogue.ts';
import { readCancellationMarker, type JobStop } from '../job/cancellation-marker.ts';
import { resolveParameters } from '../catalogue/resolve-parameters.ts';
import { toErrorText } from '../text.ts';
import type { ActivityDependencies } from './dependencies.ts';

export type LaunchResult =
  | { timeoutSeconds: number }
  | { reason: 'definition-invalid' | 'script-missing' | 'launch-failed'; message: string }
  | { stop: JobStop };

/** `locks`: the locks that the job holds; missing in requests of older versions. */
type LaunchInput = { job: JobId; request: TaskRequest; locks?: LockCondition[] };

/** How much longer than its script a runner may need its links, in seconds. */
const linkGraceSeconds = 3_600;

/**
 * Checks a task's definition, script and parameters, and launches its runner. When it is called again after its script has
 * started, it launches nothing: the script must not start twice.
 */
export const launchRunner =
  (dependencies: ActivityDependencies) =>
  async (input: LaunchInput): Promise<LaunchResult> => {
    const launch = await tryLaunch(dependencies, input);
    // A job that ends here has no runner, though an earlier attempt may have launched one.
    if (!('timeoutSeconds' in launch)) await dependencies.launcher.remove(input.job);
    return launch;
  };

const tryLaunch = async (
  { storage: { blobs }, launcher, maxSeconds }: ActivityDependencies,
  { job, request, locks = [] }: LaunchInput,
): Promise<LaunchResult> => {
  const before = await readCancellationMarker(blobs, job);
  if (before) return { stop: before };
  const read = await readTask(blobs, request.taskName);
  if (!read) return toInvalidDefinition(`There is no task ${request.taskName} any more`);
  if (!read.ok) return toInvalidDefinition(read.problem.message);
  const values = resolveParameters(read.value, request.parameters);
  if (!values.ok) return toInvalidDefinition(values.problem.message);
  if (!(await blobs.exists(scriptPath(read.value.scriptName)))) return toScriptMissing(read.value);
  const spec = buildRunSpec(blobs, job, request, read.value, values.value, maxSeconds);
  const { timeoutSeconds } = spec;
  if (await blobs.exists(startedPath(job))) return { timeoutSeconds };
  if (!(await matchesPin(blobs, read, request.pin)))
    return toInvalidDefinition('definition or script changed since it was asked for');
  if (!hasLocks(locks, read.value, values.value))
    return toInvalidDefinition(
      `the locks in the definition of ${request.taskName} changed after the job was started; start it again`,
    );
  try {
    await launcher.launch(spec);
  } catch (thrown) {
    if (await blobs.exists(startedPath(job))) return { timeoutSeconds };
    return { reason: 'launch-failed', message: `The runner could not be started: ${toErrorText(thrown)}` };
  }
  // Who ended the job meanwhile may have looked for its runner too early.
  const after = await readCancellationMarker(blobs, job);
  return after ? { stop: after } : { timeoutSeconds };
};

/** Returns whether a job holds all locks of a definition, with no more slots. The definition may have changed since the job was started. */
const hasLocks = (
  locks: readonly LockCondition[],
  definition: TaskDefinition,
  values: Record<string, string>,
): boolean => {
  const required = fillTaskLocks(definition.locks ?? [], values);
  return (
    required.ok &&
    required.value.every(({ scope, key, slots }) =>
      locks.some((lock) => lock.scope === scope && lock.key === key && lock.slots <= slots),
    )
  );
};

const toInvalidDefinition = (message: string): LaunchResult => ({ reason: 'definition-invalid', message });

const toScriptMissing = ({ scriptName }: TaskDefinition): LaunchResult => ({
  reason: 'script-missing',
  message: `The script ${scriptName} is not in the catalogue`,
});

const buildRunSpec = (
  blobs: Blobs,
  job: JobId,
  request: TaskRequest,
  task: TaskDefinition,
  parameters: Record<string, string>,
  mostSeconds: number,
): RunSpec => {
  const requestedSeconds = request.timeoutSeconds ?? task.timeoutSeconds ?? defaultTimeoutSeconds;
  const timeoutSeconds = Math.min(requestedSeconds, mostSeconds);
  const seconds = timeoutSeconds + linkGraceSeconds;
  return {
    job,
    image: task.dockerImage,
    parameters,
    secrets: task.scriptParameters.filter(({ secret }) => secret).map(({ parameterName }) => parameterName),
    timeoutSeconds,
    // The definition's own comes first: a script that it does not expect is not run because somebody asked for that one.
    sha256: task.sha256 ?? request.pin?.script ?? null,
    links: {
      script: blobs.signReadLink(scriptPath(task.scriptName), seconds),
      started: blobs.signCreateLink(startedPath(job), seconds),
      log: blobs.signAppendLink(logPath(job), seconds),
      exit: blobs.signCreateLink(exitPath(job), seconds),
    },
  };
};
