import { exponentialDelay } from '../../runtime/async/backoff.ts';
import type { Child } from '../../runtime/child-process.ts';
import type { Logger } from '../../runtime/log.ts';

/** The current workers: active ones, and draining ones, which finish their blocks and then exit. */
export type WorkerPool = {
  /** Returns the number of active workers. */
  count(): number;
  children(): { name: string; pid: number }[];
  /** Starts or drains workers until `desired` are active. Starts none during the backoff after workers that exited early. */
  resize(desired: number): void;
  /** Drains all workers, and kills those that have not exited after the grace period. Resolves when all have exited. */
  end(graceMilliseconds: number): Promise<void>;
};

/** A worker that ran this long was healthy: its exit does not start a backoff. */
const provenMilliseconds = 10_000;
/** The delay before another start, after several workers ended early. */
const backoff = { minMilliseconds: 500, maxMilliseconds: 60_000 };

export const createWorkerPool = (start: () => Child, log: Logger): WorkerPool => {
  const working: Child[] = [];
  const draining = new Set<Child>();
  let quickEnds = 0;
  let notBefore = 0;

  const startOne = (): void => {
    const began = performance.now();
    const child = start();
    working.push(child);
    log.info({ child: child.name, pid: child.pid, workers: working.length }, 'worker started');
    void watch(child, began);
  };
  const watch = async (child: Child, began: number): Promise<void> => {
    const exit = await child.ended;
    if (draining.delete(child)) return;
    working.splice(working.indexOf(child), 1);
    log.warn({ child: child.name, pid: child.pid, ...exit }, 'worker exited unexpectedly');
    quickEnds = performance.now() - began < provenMilliseconds ? quickEnds + 1 : 0;
    // A single early exit does not start a backoff.
    notBefore = quickEnds < 2 ? 0 : performance.now() + exponentialDelay(quickEnds, backoff);
  };
  const drainOne = (): void => {
    // The newest worker has the least work in progress.
    const child = working.pop();
    if (!child) return;
    draining.add(child);
    log.info({ child: child.name, pid: child.pid, workers: working.length }, 'worker draining');
    child.signal('SIGTERM');
  };
  const all = () => [...working, ...draining];

  return {
    count: () => working.length,
    children: () => all().map(({ name, pid }) => ({ name, pid })),
    resize: (desired) => {
      while (working.length > desired) drainOne();
      while (working.length < desired && performance.now() >= notBefore) startOne();
    },
    end: async (graceMilliseconds) => {
      const last = all();
      working.splice(0).forEach((child) => draining.add(child));
      await Promise.all(last.map((child) => child.stop(graceMilliseconds)));
    },
  };
};
