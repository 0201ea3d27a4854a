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

/** The state of a sweep: the repository as it was read at the beginning, and the report. */
export type SweepContext = {
  host: string;
  repository: Repository;
  listing: CommentListing;
  ports: ActionPorts;
  report: SweepReport;
};

/** The sweep ends early, and the next one continues. The message is printed in the log of the run. */
export class SweepStoppedError extends Error {
  override name = 'SweepStoppedError';
}

/** Makes a call. @throws SweepStoppedError at GitHub's rate limit; otherwise the error of the call */
export const stopOnRateLimit = async <T>(call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (cause) {
    const kind = cause instanceof OrchestratorError ? undefined : classifyError(cause);
    if (kind?.kind !== 'rate-limited') throw cause;
    const seconds = Math.ceil(getRateLimitWait(kind) / 1_000);
    throw new SweepStoppedError(
      `GitHub’s rate limit allows no calls for ${seconds} s. The sweep ends early; the next one continues.`,
      { cause },
    );
  }
};

/** The possible outcomes for one comment or reply. */
const sweepActions = ['answered', 'too late', 'updated', 'failed'] as const;
export type SweepAction = (typeof sweepActions)[number];

/** The maximum number of comments and replies that the summary lists. */
const maxListed = 100;

/** Records and reports the actions of a sweep. */
export class SweepReport {
  readonly #counts: Record<SweepAction, number> = {
    answered: 0,
    'too late': 0,
    updated: 0,
    failed: 0,
  };
  readonly #page: string;
  readonly #signal: AbortSignal;
  /** The lines of the summary. */
  readonly #actions: string[] = [];
  /** The errors of actions that were denied. */
  readonly #denied: unknown[] = [];

  /** @param options page: the URL of the repository; signal: ends the sweep */
  constructor({ page, signal }: { page: string; signal: AbortSignal }) {
    this.#page = page;
    this.#signal = signal;
  }

  /**
   * Processes one comment or reply of a thread. An error is recorded, and the sweep continues.
   * @throws SweepStoppedError
   */
  async run(what: string, thread: number, work: () => Promise<SweepAction | undefined>): Promise<void> {
    if (this.#signal.aborted)
      throw new SweepStoppedError(
        'The step reached its timeout. The sweep ends early; the next one continues.',
      );
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

  /** Prints the counts and writes the summary. @param isWhole whether the sweep is complete @throws the first error, if every action was denied */
  async close(isWhole: boolean): Promise<void> {
    const counts = sweepActions.map((action) => this.#counts[action]);
    const all = this.#actions.length;
    if (all === 0 && isWhole) info('Nothing to do.');
    if (all > 0) {
      info(sweepActions.map((action, at) => `${action}: ${counts[at]}`).join(', '));
      await writeSummary(formatTable(sweepActions, [counts.map(String)]));
      await writeSummary(this.#actions.slice(0, maxListed).join('\n'));
    }
    if (all > 0 && this.#denied.length === all) throw this.#denied[0];
  }
}
