import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Search } from '../../search.ts';
import { refusals, type Refusal } from './memory-github.ts';
import { World, type Event, type Life } from './simulation.ts';

const state = (state: Life[number]['state'], reason: Life[number]['reason'] = null): Life[number] => ({
  state,
  reason,
});

/** The possible states of a job; each job begins as queued. */
const lives: readonly Life[] = [
  [state('failed', 'script-failed')],
  [state('completed')],
  [state('running'), state('completed')],
  [state('running'), state('failed', 'script-failed')],
  [state('waiting'), state('canceled', 'rejected')],
  [state('waiting'), state('running'), state('completed')],
  [state('running'), state('canceled', 'canceled-by-user')],
];

type Case = { lives: Life[]; events: Event[] };

/** Random events around one comment, in any order: jobs change, the webhook replies, the bot polls and dies, GitHub refuses writes. */
const randomCase = (seed: number): Case => {
  const generator = xoroshiro128plus(seed);
  const below = (count: number): number => uniformInt(generator, 0, count - 1);
  const of = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const taken = Array.from({ length: 1 + below(2) }, () => of(lives));
  const kinds = Object.keys(refusals) as Refusal[];
  const moves = taken.flatMap((life, job) => life.map((): Event => ({ kind: 'job moves', job })));
  const others: Event[] = [
    ...(below(8) > 0 ? [{ kind: 'webhook' } as const] : []),
    ...Array.from({ length: below(5) }, () => ({ kind: 'poll' }) as const),
    ...Array.from({ length: below(3) }, (): Event => ({
      kind: 'crash',
      writes: below(6),
      seconds: of([1, 60, 7_200, 172_800]),
    })),
    ...(below(2) > 0 ? [{ kind: 'refused', by: of(kinds) } as const, { kind: 'heal' } as const] : []),
  ];
  const events = [...moves, ...others];
  for (let at = events.length - 1; at > 0; at -= 1) {
    const other = below(at + 1);
    [events[at], events[other]] = [events[other] as Event, events[at] as Event];
  }
  return { lives: taken, events };
};

/** @returns the deviations from the expected end */
export const outcomeOf = async ({ lives, events }: Case): Promise<string[]> => {
  const world = new World(lives);
  for (const event of events) await world.happen(event);
  return world.settle();
};

/** Checks that GitHub finally shows the ends of the jobs, whatever the order of events. */
export const reconciliation: Search = {
  name: 'reconciliation',
  cases: 3_000,
  run: async (seed, cases) => {
    const found: string[] = [];
    for (let n = 0; n < cases; n += 1) {
      const tried = randomCase(seed + n);
      const wrong = await outcomeOf(tried);
      if (wrong.length > 0)
        found.push(`seed ${seed + n}: ${wrong.join(', ')} after ${JSON.stringify(tried)}`);
    }
    return found;
  },
};
