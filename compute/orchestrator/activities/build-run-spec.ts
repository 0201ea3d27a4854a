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
import type { RunSpec } from '../../launcher/port.ts';
import type { Blobs } from '../../storage/port.ts';
import type { TaskDefinition } from '../catalogue/catalogue.ts';
import { getLinkSeconds, type LinkWaits } from '../link-lifetime.ts';

/** A task to run. `maxSeconds`: the maximum timeout. */
export type TaskRun = LinkWaits & {
  job: JobId;
  request: TaskRequest;
  task: TaskDefinition;
  parameters: Record<string, string>;
  maxSeconds: number;
};

/** Builds what a task's runner is started with. Its links are valid from now on, for as long as the run can take. */
export const buildRunSpec = (blobs: Blobs, run: TaskRun): RunSpec => {
  const { job, request, task, parameters, maxSeconds } = run;
  const requestedSeconds = request.timeoutSeconds ?? task.timeoutSeconds ?? defaultTimeoutSeconds;
  const timeoutSeconds = Math.min(requestedSeconds, maxSeconds);
  const seconds = getLinkSeconds(timeoutSeconds, run);
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
    ...(task.runner ? { runner: task.runner } : {}),
  };
};
