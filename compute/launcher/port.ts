import type { JobId } from '../../contracts/ids.ts';

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
   * The declared parameters that have a value, by name: the script's whole environment besides PATH, HOME, LANG,
   * COXSWAIN_OUTPUT_DIR and, if it runs as another user, TMPDIR.
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
};

/** The state of a runner. `gone`: it does not exist, or no longer. */
export type RunnerState = 'pending' | 'running' | 'ended' | 'gone';

/** The launcher could not be reached, or was busy. Whether it did what it was asked is unknown. The call can be repeated. */
export class LauncherUnavailableError extends Error {
  override name = 'LauncherUnavailableError';
}

/** Starts runners, such as processes on this machine or container groups on Azure. Every call is idempotent per job, and can throw `LauncherUnavailableError`. */
export interface Launcher {
  /** Starts the runner of a job unless it exists. @throws Error if it cannot be started */
  launch(spec: RunSpec): Promise<void>;
  inspect(job: JobId): Promise<RunnerState>;
  /** Stops the runner with all processes of its script, and removes its files. Does nothing if it does not exist. */
  remove(job: JobId): Promise<void>;
}
