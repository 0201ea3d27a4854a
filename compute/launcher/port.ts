import type { JobId } from '../../contracts/ids.ts';
import type { TaskRunner } from '../../contracts/task-definition.ts';

/** The links to create the files that a task delivers. */
export type FileLinks = {
  /** The link to create `run/<job>/files.json`. */
  record: string;
  /** The links to create `run/<job>/files/00` and so on: as many as the task can deliver. */
  files: readonly string[];
};

/** What a runner is started with. Links and values are secrets, so they are passed in secure settings, never in arguments. */
export type RunSpec = {
  job: JobId;
  image: string;
  /**
   * The declared parameters that have a value, by name: the script's environment, together with the
   * variables that the runner's `buildScriptEnvironment` sets.
   */
  parameters: Record<string, string>;
  /** The names of parameters whose values are masked in the log, and where files are shown. */
  secrets: readonly string[];
  timeoutSeconds: number;
  sha256: string | null;
  links: {
    /** The link to read the script. */
    script: string;
    /** The link to create `run/<job>/started`. */
    started: string;
    /** The link to create `run/<job>/log` and append to it. */
    log: string;
    /** The link to create `run/<job>/exit.json`. */
    exit: string;
    /** Missing in a run spec of an older orchestrator: then no files are delivered. */
    files?: FileLinks;
  };
  /** What the task's definition asks of the runner. A launcher that cannot provide it ignores it. */
  runner?: TaskRunner;
};

/** How a launch ended. */
export type LaunchOutcome =
  /** The runner was launched, now or earlier. */
  | { kind: 'launched' }
  /**
   * The runner cannot be launched now, but can be later. `waitingFor`: what the job waits for, as a noun phrase ("a free container group:
   * the limit of 100 is reached"), which stays the same as long as the cause does. `retryAfterSeconds`: the delay that the launcher asks for.
   */
  | { kind: 'later'; waitingFor: string; retryAfterSeconds?: number }
  /** The runner can never be launched like this. `message`: a sentence with the cause, such as a missing right or image, and the remedy. */
  | { kind: 'never'; message: string };

/** The state of a runner. `gone`: it does not exist, or no longer. */
export type RunnerState = 'pending' | 'running' | 'ended' | 'gone';

/** `message`: a sentence that says why the runner does not start, or why it failed; null if nothing is known. */
export type RunnerReport = { state: RunnerState; message: string | null };

/** How a removal ended. `gone`: the runner does not exist. `later`: it may still exist, and the call must be repeated. */
export type RemovalOutcome = 'gone' | 'later';

/** Whether a job is running, has ended, or does not exist. */
export type JobPresence = 'live' | 'ended' | 'unknown';

/** The maximum size of a runner's own output that is shown, in bytes. */
export const maxRunnerLogBytes = 4 * 1024;

/** The launcher could not be reached, or was busy. Whether it did what it was asked is unknown. The call can be repeated. */
export class LauncherUnavailableError extends Error {
  override name = 'LauncherUnavailableError';
}

/**
 * Starts runners, such as processes on this machine or container groups on Azure. Every call is idempotent per job, and can throw
 * `LauncherUnavailableError`; any other error is a fault. No call waits for a cloud service to finish: the orchestration repeats the call.
 */
export interface Launcher {
  /** Starts the runner of a job unless it exists. */
  launch(spec: RunSpec): Promise<LaunchOutcome>;
  inspect(job: JobId): Promise<RunnerReport>;
  /** Stops the runner with all processes of its script, and removes it with its files. */
  remove(job: JobId): Promise<RemovalOutcome>;
  /** Returns the end of the runner's own output, at most `maxRunnerLogBytes`; null if there is none. Missing if the launcher keeps none. */
  readLog?(job: JobId): Promise<string | null>;
  /** Removes the runners whose jobs have ended or do not exist. Missing if the launcher leaves none. */
  sweep?(findJob: (job: JobId) => Promise<JobPresence>): Promise<void>;
}
