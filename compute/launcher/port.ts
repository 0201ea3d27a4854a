import type { JobId } from '../../contracts/ids.ts';

/** What a runner is started with. Links and values are secrets: they go into secure settings, never into argv. */
export type RunSpec = {
  job: JobId;
  image: string;
  /** The declared parameters that have a value, by name: the script's whole environment besides PATH, HOME, LANG and, if it runs as another user, TMPDIR. */
  parameters: Record<string, string>;
  /** Names of parameters whose values are redacted from the log. */
  secrets: readonly string[];
  timeoutSeconds: number;
  sha256: string | null;
  links: {
    /** Reads the script. */
    script: string;
    /** Creates `run/<job>/started`. */
    started: string;
    /** Creates and appends `run/<job>/log`. */
    log: string;
    /** Creates `run/<job>/exit.json`. */
    exit: string;
  };
};

/** `gone`: there is no such runner, now or any more. */
export type RunnerState = 'pending' | 'running' | 'ended' | 'gone';

/** Starts runners somewhere: as processes here, as container groups on Azure. Every call is idempotent by job. */
export interface Launcher {
  /** Starts the job's runner unless it is there. Throws if it cannot be started. */
  launch(spec: RunSpec): Promise<void>;
  inspect(job: JobId): Promise<RunnerState>;
  /** Stops the runner, with all its script started, and removes what is left of it. Fine if it is gone. */
  remove(job: JobId): Promise<void>;
}
