import { info, warning } from '@actions/core';
import { WriteRefused } from '../../chatops/github/port.ts';
import { statusOf } from '../../chatops/github/octokit.ts';
import { table } from '../../chatops/markdown/table.ts';
import { writeSummary } from '../report/report.ts';
import { EndsEarly, heeding } from './ends-early.ts';

/** What came of one comment or reply. */
const deeds = ['answered', 'too late', 'brought up to date', 'failed'] as const;
export type Deed = (typeof deeds)[number];

/** Counts what a sweep does, and tells of it. */
export class Tally {
  readonly #counts: Record<Deed, number> = { answered: 0, 'too late': 0, 'brought up to date': 0, failed: 0 };
  readonly #page: string;
  readonly #stop: AbortSignal;
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
    const where = `${what} on ${this.#page}/issues/${thread}`;
    try {
      const deed = await heeding(work);
      if (deed === undefined) return;
      this.#counts[deed] += 1;
      info(`${where}: ${deed}`);
    } catch (fault) {
      if (fault instanceof EndsEarly) throw fault;
      this.#fail(where, fault);
    }
  }

  #fail(where: string, fault: unknown): void {
    this.#counts.failed += 1;
    const isDenied = !(fault instanceof WriteRefused) && [401, 403].includes(statusOf(fault) ?? 0);
    if (isDenied) this.#denied.push(fault);
    warning(`${where}: ${(fault as Error).message}`);
  }

  /** Tells the counts. @throws the fault, if there was something to do, and nothing of it was permitted */
  async close(): Promise<void> {
    const counts = deeds.map((deed) => this.#counts[deed]);
    info(deeds.map((deed, at) => `${deed}: ${counts[at]}`).join(', '));
    await writeSummary(table(deeds, [counts.map(String)]));
    const all = counts.reduce((sum, count) => sum + count, 0);
    if (all > 0 && this.#denied.length === all) throw this.#denied[0];
  }
}
