import type { LockCondition } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import { scriptPath, startedPath } from '../../../contracts/blob-paths.ts';
import type { TaskRequest } from '../../../contracts/job-request.ts';
import { fillTaskLocks } from '../../../contracts/task-locks.ts';
import { LauncherUnavailableError, type LaunchOutcome, type RunSpec } from '../../launcher/port.ts';
import { matchesPin, readTask, type TaskDefinition } from '../catalogue/catalogue.ts';
import { readCancellationMarker, type JobStop } from '../job/cancellation-marker.ts';
import { resolveParameters } from '../catalogue/resolve-parameters.ts';
import { maxLauncherMessageLength, toErrorText, toShownLine } from '../text.ts';
import { buildRunSpec } from './build-run-spec.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { removeRunner, removeRunnerOnce } from './remove-runner.ts';

/** `later`: the launch that must be tried again, see `LaunchOutcome`. */
export type LaunchResult =
  | { timeoutSeconds: number }
  | { later: Omit<Extract<LaunchOutcome, { kind: 'later' }>, 'kind'> }
  | { reason: 'definition-invalid' | 'script-missing' | 'launch-failed'; message: string }
  | { stop: JobStop };

/**
 * `locks`: the locks that the job holds. `canWait`: whether the orchestration waits and tries again after `later`, and removes the runner
 * if the launch ends otherwise. Both are missing in the requests of older versions.
 */
type LaunchInput = { job: JobId; request: TaskRequest; locks?: LockCondition[]; canWait?: boolean };

/**
 * Checks a task's definition, script and parameters, and launches its runner. A repeated call after the script has started launches
 * nothing: a script must not start twice.
 */
export const launchRunner =
  (dependencies: ActivityDependencies) =>
  async (input: LaunchInput): Promise<LaunchResult> => {
    const launch = await tryLaunch(dependencies, input);
    if ('timeoutSeconds' in launch) return launch;
    // An earlier attempt can have launched a runner for a job that ends here. A job that was terminated has no orchestration to remove it.
    if ('stop' in launch && input.canWait) await tryRemoval(dependencies, input.job);
    if (!input.canWait) await removeRunner(dependencies, input.job);
    return launch;
  };

/** The orchestration and the tick repeat the removal: an error must not change how the job ends. */
const tryRemoval = async (dependencies: ActivityDependencies, job: JobId): Promise<void> => {
  try {
    await removeRunnerOnce(dependencies)({ job });
  } catch (error) {
    dependencies.log.error({ err: error, job }, 'the runner of a job that was stopped could not be removed');
  }
};

const tryLaunch = async (
  { storage: { blobs }, launcher, log, maxSeconds, launchSeconds, startSeconds }: ActivityDependencies,
  { job, request, locks = [], canWait = false }: LaunchInput,
): Promise<LaunchResult> => {
  const before = await readCancellationMarker(blobs, job);
  if (before) return { stop: before };
  const read = await readTask(blobs, request.taskName);
  if (!read) return toInvalidDefinition(`The task ${request.taskName} no longer exists`);
  if (!read.ok) return toInvalidDefinition(read.problem.message);
  const values = resolveParameters(read.value, request.parameters);
  if (!values.ok) return toInvalidDefinition(values.problem.message);
  if (!(await blobs.exists(scriptPath(read.value.scriptName)))) return toScriptMissing(read.value);
  const waits = { launchSeconds, startSeconds };
  const run = { job, request, task: read.value, parameters: values.value, maxSeconds, ...waits };
  const spec = buildRunSpec(blobs, run);
  const { timeoutSeconds } = spec;
  const hasStarted = () => blobs.exists(startedPath(job));
  if (await hasStarted()) return { timeoutSeconds };
  if (!(await matchesPin(blobs, read, request.pin)))
    return toInvalidDefinition('the definition or the script changed after the request');
  if (!hasLocks(locks, read.value, values.value))
    return toInvalidDefinition(
      `the locks in the definition of ${request.taskName} changed after the job was started; start it again`,
    );
  const outcome = await callLauncher({ launcher, log }, spec);
  if (outcome.kind !== 'launched') {
    if (await hasStarted()) return { timeoutSeconds };
    if (outcome.kind === 'never')
      return { reason: 'launch-failed', message: toShownLine(outcome.message, maxLauncherMessageLength) };
    // The activity is repeated.
    if (!canWait) throw new LauncherUnavailableError(`Waiting for ${outcome.waitingFor}`);
    const { kind: _, ...later } = outcome;
    return { later: { ...later, waitingFor: toShownLine(later.waitingFor, maxLauncherMessageLength) } };
  }
  // A cancellation meanwhile can have removed the runner before it was launched.
  const after = await readCancellationMarker(blobs, job);
  return after ? { stop: after } : { timeoutSeconds };
};

/** Launches a runner. If the launcher is unavailable, whether it launched the runner is unknown; then the call is repeated later. */
const callLauncher = async (
  { launcher, log }: Pick<ActivityDependencies, 'launcher' | 'log'>,
  spec: RunSpec,
): Promise<LaunchOutcome> => {
  try {
    return await launcher.launch(spec);
  } catch (thrown) {
    const { job } = spec;
    if (thrown instanceof LauncherUnavailableError) {
      log.warn({ err: thrown, job }, 'whether a runner was launched is unknown');
      return { kind: 'later', waitingFor: 'the launcher to answer' };
    }
    log.error({ err: thrown, job }, 'a runner could not be launched');
    return { kind: 'never', message: `Could not start the runner: ${toErrorText(thrown)}` };
  }
};

/** Returns whether a job holds all locks of a definition, with at most its slots. The definition can have changed after the job started. */
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
