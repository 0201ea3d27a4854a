import * as fc from 'fast-check';
import {
  InstallationBudget,
  priorities,
  type Priority,
} from '../../../bot/rate-limit/installation-budget.ts';
import type { ChaosSearch } from '../search.ts';

const hour = 3_600_000;
/** The size of the bucket for the default of 300 writes an hour. */
const size = 150;
/** The guaranteed writes an hour for each of a number of repositories. */
const repositories = 4;
const guaranteedWrites = 4;
/** One person's maximum writes: two fifths of the readers' bucket and of its refill in an hour. */
const maxWritesPerPerson = 12;

type Step = { pause: number; repository: number; priority: Priority; person: number; times: number };
type Write = Step & { at: number };

/** Generates pauses of up to hours, which fill a bucket, and bursts of one kind, which empty it. */
const step: fc.Arbitrary<Step> = fc.record({
  pause: fc.oneof(fc.constant(0), fc.nat(60_000), fc.nat(2 * hour)),
  repository: fc.integer({ min: 1, max: repositories }),
  priority: fc.constantFrom(...priorities),
  person: fc.integer({ min: 1, max: 6 }),
  times: fc.oneof(fc.constant(1), fc.nat(200)),
});

/** Returns how a sequence of writes violates the budget's guarantees; undefined if it does not. */
const findFault = (steps: readonly Step[]): string | undefined => {
  const budget = new InstallationBudget(size, 0);
  const writes: Write[] = [];
  let now = 0;
  for (const asked of steps) {
    now += asked.pause;
    for (let n = 0; n < asked.times; n += 1) {
      const recent = writes.filter(({ at }) => at > now - hour);
      if (budget.getWait(asked, now) > 0) {
        const fault = findWrongRefusal(asked, recent);
        if (fault !== undefined) return fault;
        break;
      }
      budget.take(asked, now);
      writes.push({ ...asked, at: now });
      const fault = findWrongWrite([...recent, { ...asked, at: now }], asked);
      if (fault !== undefined) return fault;
    }
  }
  return findEndlessWait(writes, now);
};

const findWrongRefusal = ({ priority, repository }: Step, recent: readonly Write[]): string | undefined => {
  if (priority !== 'reply' && priority !== 'final') return undefined;
  const own = recent.filter(
    (one) => one.repository === repository && !one.priority.startsWith('reader'),
  ).length;
  return own < guaranteedWrites ? `repository ${repository} was held back after ${own} writes` : undefined;
};

const findWrongWrite = (recent: readonly Write[], { person }: Step): string | undefined => {
  const readers = recent.filter(({ priority }) => priority.startsWith('reader'));
  if (recent.length > 2 * size) return `${recent.length} writes in an hour`;
  if (readers.length > 0.2 * size) return `${readers.length} writes for readers in an hour`;
  const own = readers.filter((one) => one.person === person).length;
  return own > maxWritesPerPerson ? `${own} writes for one reader in an hour` : undefined;
};

/** Checks that a write that waits as long as requested eventually gets its turn. */
const findEndlessWait = (writes: readonly Write[], from: number): string | undefined => {
  for (const priority of priorities) {
    // Our clocks are monotonic: each priority gets its own budget after the same writes.
    const budget = new InstallationBudget(size, 0);
    for (const write of writes) budget.take(write, write.at);
    let now = from;
    for (let n = 0; n < 50; n += 1) now += budget.getWait({ repository: 1, priority, person: 1 }, now);
    const wait = budget.getWait({ repository: 1, priority, person: 1 }, now);
    if (wait > 0) return `${priority} still waits for ${wait} ms`;
  }
  return undefined;
};

/** Searches for writes after which a repository, the readers or the installation have more or less than their limits. */
export const writeBudget: ChaosSearch = {
  name: 'write-budget',
  cases: 2_000,
  run: async (seed, cases) => {
    const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const fault = findFault(steps);
      if (fault !== undefined) throw new Error(fault);
    });
    const { failed, counterexample, errorInstance } = fc.check(property, { seed, numRuns: cases });
    return failed ? [`${String(errorInstance)}: ${JSON.stringify(counterexample)}`] : [];
  },
};
