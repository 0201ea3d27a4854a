import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { ChaosSearch } from '../../search.ts';
import { refusals, type WriteRefusal } from './memory-github.ts';
import { ReplySimulation, type SimulatedEvent, type JobLife } from './simulation.ts';

const state = (
  state: JobLife[number]['state'],
  reason: JobLife[number]['reason'] = null,
): JobLife[number] => ({
  state,
  reason,
});

/** The possible states of a job; each job begins as queued. */
const jobLives: readonly JobLife[] = [
  [state('failed', 'script-failed')],
  [state('completed')],
  [state('running'), state('completed')],
  [state('running'), state('failed', 'script-failed')],
  [state('waiting'), state('canceled', 'rejected')],
  [state('waiting'), state('running'), state('completed')],
  [state('running'), state('canceled', 'canceled-by-user')],
];

type SimulationCase = { lives: JobLife[]; events: SimulatedEvent[] };

/** Random events around one comment, in any order: jobs change, the webhook replies, the bot polls and dies, GitHub refuses writes. */
const generateCase = (seed: number): SimulationCase => {
  const generator = xoroshiro128plus(seed);
  const below = (count: number): number => uniformInt(generator, 0, count - 1);
  const of = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const taken = Array.from({ length: 1 + below(2) }, () => of(jobLives));
  const kinds = Object.keys(refusals) as WriteRefusal[];
  const moves = taken.flatMap((life, job) => life.map((): SimulatedEvent => ({ kind: 'job moves', job })));
  const others: SimulatedEvent[] = [
    ...(below(8) > 0 ? [{ kind: 'webhook' } as const] : []),
    ...Array.from({ length: below(5) }, () => ({ kind: 'poll' }) as const),
    ...Array.from({ length: below(3) }, (): SimulatedEvent => ({
      kind: 'crash',
      writes: below(6),
      seconds: of([1, 60, 7_200, 172_800]),
    })),
    ...(below(2) > 0 ? [{ kind: 'refused', by: of(kinds) } as const, { kind: 'heal' } as const] : []),
  ];
  const events = [...moves, ...others];
  for (let at = events.length - 1; at > 0; at -= 1) {
    const other = below(at + 1);
    [events[at], events[other]] = [events[other] as SimulatedEvent, events[at] as SimulatedEvent];
  }
  return { lives: taken, events };
};

/** @returns the deviations from the expected end */
export const runCase = async ({ lives, events }: SimulationCase): Promise<string[]> => {
  const world = new ReplySimulation(lives);
  for (const event of events) await world.apply(event);
  return world.settle();
};

/** Checks that GitHub finally shows the ends of the jobs, whatever the order of events. */
export const reconciliation: ChaosSearch = {
  name: 'reconciliation',
  cases: 3_000,
  run: async (seed, cases) => {
    const found: string[] = [];
    for (let n = 0; n < cases; n += 1) {
      const simulated = generateCase(seed + n);
      const wrong = await runCase(simulated);
      if (wrong.length > 0)
        found.push(`seed ${seed + n}: ${wrong.join(', ')} after ${JSON.stringify(simulated)}`);
    }
    return found;
  },
};
