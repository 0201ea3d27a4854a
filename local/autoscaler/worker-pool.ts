import { exponentialDelay } from '../../runtime/async/backoff.ts';
import type { Child } from '../../runtime/child-process.ts';
import type { Logger } from '../../runtime/log.ts';

/** The workers of now: those that work, and those that were asked to end and finish what they have. */
export type WorkerPool = {
  /** How many work. */
  count(): number;
  children(): { name: string; pid: number }[];
  /** Starts or drains workers until `wanted` work. Starts none as long as they keep ending at once. */
  resize(desired: number): void;
  /** Drains all; who has not ended after the grace is killed. Resolves when all have ended. */
  end(graceMilliseconds: number): Promise<void>;
};

/** A worker that lived this long has worked: its end is no sign that the next one would end too. */
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
    log.info({ child: child.name, pid: child.pid, workers: working.length }, 'a worker starts');
    void watch(child, began);
  };
  const watch = async (child: Child, began: number): Promise<void> => {
    const exit = await child.ended;
    if (draining.delete(child)) return;
    working.splice(working.indexOf(child), 1);
    log.warn({ child: child.name, pid: child.pid, ...exit }, 'a worker ended by itself');
    quickEnds = performance.now() - began < provenMilliseconds ? quickEnds + 1 : 0;
    // The first quick end may be an accident, and is no reason to wait.
    notBefore = quickEnds < 2 ? 0 : performance.now() + exponentialDelay(quickEnds, backoff);
  };
  const drainOne = (): void => {
    // The youngest has the least at hand.
    const child = working.pop();
    if (!child) return;
    draining.add(child);
    log.info({ child: child.name, pid: child.pid, workers: working.length }, 'a worker drains');
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
