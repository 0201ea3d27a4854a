import type { LockCondition } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import {
  exitPath,
  filePath,
  filesRecordPath,
  logPath,
  scriptPath,
  startedPath,
  type BlobPath,
} from '../../../contracts/blob-paths.ts';
import { defaultTimeoutSeconds, type TaskRequest } from '../../../contracts/job-request.ts';
import { fileLimits } from '../../../contracts/task-files.ts';
import { fillTaskLocks } from '../../../contracts/task-locks.ts';
import { LauncherUnavailableError, type RunSpec } from '../../launcher/port.ts';
import type { Blobs } from '../../storage/port.ts';
import { matchesPin, readTask, type TaskDefinition } from '../catalogue/catalogue.ts';
import { readCancellationMarker, type JobStop } from '../job/cancellation-marker.ts';
import { resolveParameters } from '../catalogue/resolve-parameters.ts';
import { toErrorText } from '../text.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { removeRunner } from './remove-runner.ts';

export type LaunchResult =
  | { timeoutSeconds: number }
  | { reason: 'definition-invalid' | 'script-missing' | 'launch-failed'; message: string }
  | { stop: JobStop };

/** `locks`: the locks that the job holds; missing in the requests of older versions. */
type LaunchInput = { job: JobId; request: TaskRequest; locks?: LockCondition[] };

/** How much longer than the script's timeout the runner's links are valid, in seconds. */
const linkGraceSeconds = 3_600;

/**
 * Checks a task's definition, script and parameters, and launches its runner. A repeated call after the script has started launches
 * nothing: a script must not start twice.
 */
export const launchRunner =
  (dependencies: ActivityDependencies) =>
  async (input: LaunchInput): Promise<LaunchResult> => {
    const launch = await tryLaunch(dependencies, input);
    // An earlier attempt can have launched a runner for a job that ends here.
    if (!('timeoutSeconds' in launch)) await removeRunner(dependencies, input.job);
    return launch;
  };

const tryLaunch = async (
  { storage: { blobs }, launcher, maxSeconds }: ActivityDependencies,
  { job, request, locks = [] }: LaunchInput,
): Promise<LaunchResult> => {
  const before = await readCancellationMarker(blobs, job);
  if (before) return { stop: before };
  const read = await readTask(blobs, request.taskName);
  if (!read) return toInvalidDefinition(`The task ${request.taskName} no longer exists`);
  if (!read.ok) return toInvalidDefinition(read.problem.message);
  const values = resolveParameters(read.value, request.parameters);
  if (!values.ok) return toInvalidDefinition(values.problem.message);
  if (!(await blobs.exists(scriptPath(read.value.scriptName)))) return toScriptMissing(read.value);
  const spec = buildRunSpec(blobs, { job, request, task: read.value, parameters: values.value, maxSeconds });
  const { timeoutSeconds } = spec;
  if (await blobs.exists(startedPath(job))) return { timeoutSeconds };
  if (!(await matchesPin(blobs, read, request.pin)))
    return toInvalidDefinition('the definition or the script changed after the request');
  if (!hasLocks(locks, read.value, values.value))
    return toInvalidDefinition(
      `the locks in the definition of ${request.taskName} changed after the job was started; start it again`,
    );
  try {
    const outcome = await launcher.launch(spec);
    if (outcome.kind === 'never') return { reason: 'launch-failed', message: outcome.message };
    // The activity is repeated.
    if (outcome.kind === 'later') throw new LauncherUnavailableError(`Waiting for ${outcome.waitingFor}`);
  } catch (thrown) {
    if (await blobs.exists(startedPath(job))) return { timeoutSeconds };
    // The activity is repeated: the runner may have been launched.
    if (thrown instanceof LauncherUnavailableError) throw thrown;
    return { reason: 'launch-failed', message: `Could not start the runner: ${toErrorText(thrown)}` };
  }
  // A cancellation meanwhile can have removed the runner before it was launched.
  const after = await readCancellationMarker(blobs, job);
  return after ? { stop: after } : { timeoutSeconds };
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

type TaskRun = {
  job: JobId;
  request: TaskRequest;
  task: TaskDefinition;
  parameters: Record<string, string>;
  maxSeconds: number;
};

const buildRunSpec = (blobs: Blobs, { job, request, task, parameters, maxSeconds }: TaskRun): RunSpec => {
  const requestedSeconds = request.timeoutSeconds ?? task.timeoutSeconds ?? defaultTimeoutSeconds;
  const timeoutSeconds = Math.min(requestedSeconds, maxSeconds);
  const seconds = timeoutSeconds + linkGraceSeconds;
  const signCreateLink = (path: BlobPath) => blobs.signCreateLink(path, seconds);
  const maxFiles = task.outputs ?? fileLimits.defaultFiles;
  return {
    job,
    image: task.dockerImage,
    parameters,
    secrets: task.scriptParameters.filter(({ secret }) => secret).map(({ parameterName }) => parameterName),
    timeoutSeconds,
    // The definition takes precedence: a request cannot run a script that the definition does not expect.
    sha256: task.sha256 ?? request.pin?.script ?? null,
    links: {
      script: blobs.signReadLink(scriptPath(task.scriptName), seconds),
      started: signCreateLink(startedPath(job)),
      log: blobs.signAppendLink(logPath(job), seconds),
      exit: signCreateLink(exitPath(job)),
      files: {
        record: signCreateLink(filesRecordPath(job)),
        files: Array.from({ length: maxFiles }, (_, file) => signCreateLink(filePath(job, file))),
      },
    },
  };
};
