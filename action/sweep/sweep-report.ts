import { statusOf } from '../../chatops/github/api-client.ts';
import { WriteRefused } from '../../chatops/github/ports.ts';
import { table } from '../../chatops/markdown/table.ts';
import { writeSummary } from '../report/report-job.ts';
import { EndsEarly, heeding } from './rate-limit.ts';
import { info, warning } from '../report/log.ts';

/** What came of one comment or reply. */
const deeds = ['answered', 'too late', 'brought up to date', 'failed'] as const;
export type Deed = (typeof deeds)[number];

/** The most comments and replies that the summary names one by one. */
const mostTold = 100;

/** Counts what a sweep does, and tells of it. */
export class Tally {
  readonly #counts: Record<Deed, number> = { answered: 0, 'too late': 0, 'brought up to date': 0, failed: 0 };
  readonly #page: string;
  readonly #stop: AbortSignal;
  /** What was done, as the summary tells it. */
  readonly #done: string[] = [];
  /** What we are not permitted to do. */
  readonly #denied: unknown[] = [];

  /** @param options page: the repository's; stop: ends the sweep */
  constructor({ page, stop }: { page: string; stop: AbortSignal }) {
    this.#page = page;
    this.#stop = stop;
  }

  /**
   * Does what there is to do about one comment or reply on a thread. What goes wrong there does not keep the others.
   * @throws EndsEarly
   */
  async of(what: string, thread: number, work: () => Promise<Deed | undefined>): Promise<void> {
    if (this.#stop.aborted)
      throw new EndsEarly('The time is up: the sweep ends early, and the next one goes on.');
    const page = `${this.#page}/issues/${thread}`;
    const where = `${what} on ${page}`;
    try {
      const deed = await heeding(work);
      if (deed === undefined) return;
      this.#count(deed, `${what} on [#${thread}](${page})`);
      info(`${where}: ${deed}`);
    } catch (fault) {
      if (fault instanceof EndsEarly) throw fault;
      this.#count('failed', `${what} on [#${thread}](${page})`);
      this.#fail(where, fault);
    }
  }

  #count(deed: Deed, what: string): void {
    this.#counts[deed] += 1;
    this.#done.push(`- ${what}: ${deed}`);
  }

  #fail(where: string, fault: unknown): void {
    const isDenied = !(fault instanceof WriteRefused) && [401, 403].includes(statusOf(fault) ?? 0);
    if (isDenied) this.#denied.push(fault);
    warning(`${where}: ${(fault as Error).message}`);
  }

  /** Tells the counts. @param isWhole whether all was looked at @throws the fault, if there was something to do, and nothing of it was permitted */
  async close(isWhole: boolean): Promise<void> {
    const counts = deeds.map((deed) => this.#counts[deed]);
    const all = this.#done.length;
    if (all === 0 && isWhole) info('Nothing was left undone.');
    if (all > 0) {
      info(deeds.map((deed, at) => `${deed}: ${counts[at]}`).join(', '));
      await writeSummary(table(deeds, [counts.map(String)]));
      await writeSummary(this.#done.slice(0, mostTold).join('\n'));
    }
    if (all > 0 && this.#denied.length === all) throw this.#denied[0];
  }
}
