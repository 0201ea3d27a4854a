import { getStatus } from '../../chatops/github/api-client.ts';
import { classifyError, getRateLimitWait } from '../../chatops/github/classify-error.ts';
import { WriteRefusedError } from '../../chatops/github/ports.ts';
import { formatTable } from '../../chatops/markdown/table.ts';
import type { Repository } from '../../chatops/incoming-comment.ts';
import type { CommentListing } from '../../chatops/sweep/comment-listing.ts';
import { OrchestratorError } from '../../compute/client/index.ts';
import type { ActionPorts } from '../ports.ts';
import { info, warning } from '../report/log.ts';
import { writeSummary } from '../report/report-job.ts';

/** What a sweep works on: a repository of a GitHub's host, as it was read at the beginning. */
export type SweepContext = {
  host: string;
  repository: Repository;
  listing: CommentListing;
  ports: ActionPorts;
  report: SweepReport;
};

/** The sweep ends before all is done; the next one goes on. Its message is for the readers of the run. */
export class SweepStoppedError extends Error {
  override name = 'SweepStoppedError';
}

/** Makes a call. @throws SweepStoppedError where GitHub takes no more of them for now; the fault of the call */
export const stopOnRateLimit = async <T>(call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (cause) {
    const kind = cause instanceof OrchestratorError ? undefined : classifyError(cause);
    if (kind?.kind !== 'rate-limited') throw cause;
    const seconds = Math.ceil(getRateLimitWait(kind) / 1_000);
    throw new SweepStoppedError(
      `GitHub takes no more calls for ${seconds} s: the sweep ends early, and the next one goes on.`,
      { cause },
    );
  }
};

/** What came of one comment or reply. */
const sweepActions = ['answered', 'too late', 'brought up to date', 'failed'] as const;
export type SweepAction = (typeof sweepActions)[number];

/** The most comments and replies that the summary names one by one. */
const maxListed = 100;

/** Counts what a sweep does, and tells of it. */
export class SweepReport {
  readonly #counts: Record<SweepAction, number> = {
    answered: 0,
    'too late': 0,
    'brought up to date': 0,
    failed: 0,
  };
  readonly #page: string;
  readonly #signal: AbortSignal;
  /** What was done, as the summary tells it. */
  readonly #actions: string[] = [];
  /** What we are not permitted to do. */
  readonly #denied: unknown[] = [];

  /** @param options page: the repository's; stop: ends the sweep */
  constructor({ page, signal }: { page: string; signal: AbortSignal }) {
    this.#page = page;
    this.#signal = signal;
  }

  /**
   * Does what there is to do about one comment or reply on a thread. What goes wrong there does not keep the others.
   * @throws SweepStoppedError
   */
  async run(what: string, thread: number, work: () => Promise<SweepAction | undefined>): Promise<void> {
    if (this.#signal.aborted)
      throw new SweepStoppedError('The time is up: the sweep ends early, and the next one goes on.');
    const page = `${this.#page}/issues/${thread}`;
    const where = `${what} on ${page}`;
    try {
      const action = await stopOnRateLimit(work);
      if (action === undefined) return;
      this.#recordAction(action, `${what} on [#${thread}](${page})`);
      info(`${where}: ${action}`);
    } catch (fault) {
      if (fault instanceof SweepStoppedError) throw fault;
      this.#recordAction('failed', `${what} on [#${thread}](${page})`);
      this.#recordFailure(where, fault);
    }
  }

  #recordAction(action: SweepAction, what: string): void {
    this.#counts[action] += 1;
    this.#actions.push(`- ${what}: ${action}`);
  }

  #recordFailure(where: string, fault: unknown): void {
    const isDenied = !(fault instanceof WriteRefusedError) && [401, 403].includes(getStatus(fault) ?? 0);
    if (isDenied) this.#denied.push(fault);
    warning(`${where}: ${(fault as Error).message}`);
  }

  /** Tells the counts. @param isWhole whether all was looked at @throws the fault, if there was something to do, and nothing of it was permitted */
  async close(isWhole: boolean): Promise<void> {
    const counts = sweepActions.map((deed) => this.#counts[deed]);
    const all = this.#actions.length;
    if (all === 0 && isWhole) info('Nothing was left undone.');
    if (all > 0) {
      info(sweepActions.map((deed, at) => `${deed}: ${counts[at]}`).join(', '));
      await writeSummary(formatTable(sweepActions, [counts.map(String)]));
      await writeSummary(this.#actions.slice(0, maxListed).join('\n'));
    }
    if (all > 0 && this.#denied.length === all) throw this.#denied[0];
  }
}
