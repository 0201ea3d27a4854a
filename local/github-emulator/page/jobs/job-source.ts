import type { Job, JobLog, JobPage, JobState } from '../../../../contracts/job.ts';

/** Selects the jobs of a repository. */
type JobQuery = {
  /** `<host>/<repository id>`. */
  repository: string;
  states?: readonly JobState[];
  /** `<repository id>/<thread number>`. */
  thread?: string;
  top?: number;
  continue?: string;
};

/** The jobs that the pages show: the part of an orchestrator's client that they need. Methods throw if it does not answer. */
export type JobSource = {
  /** Returns one page, newest first. */
  page(query: JobQuery): Promise<JobPage>;
  /** @param scope `<host>/<repository id>` */
  get(id: string, scope: string): Promise<Job | undefined>;
  /** Returns the end of a task's log, at most so many bytes; undefined without a log. */
  log(id: string, bytes: number): Promise<JobLog | undefined>;
  /** Yields a task's log from a byte offset on, until the job has ended and everything was read. */
  followLog(
    id: string,
    options: { from: number; scope: string; signal: AbortSignal },
  ): AsyncIterable<{ text: string; offset: number }>;
};

/** The jobs of this emulator's repository. */
export type RepositoryJobs = JobSource & {
  /** `<host>/<repository id>`, as in the origins of its jobs. */
  repository: string;
  repositoryId: number;
};
