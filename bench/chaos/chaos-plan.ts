import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { killStates, type KillState } from './orchestrator-kills.ts';

/** A process to kill: a child by its name in `platform.json`, or the platform process, which is then restarted. */
export type KillTarget =
  | 'worker'
  | 'azurite-blob'
  | 'azurite-queue'
  | 'bot'
  | 'runner'
  | 'orchestrator'
  | 'platform';

/** Kills all targets at once, `milliseconds` after a part of the job is done (0 to 1; for a task: a part of its time). */
export type PlannedKill = { part: number; milliseconds: number; targets: KillTarget[] };

/** One round: a job, and the kills during the job. */
export type ChaosPlan = { command: string; inputs: number; kills: PlannedKill[] };

const computes: { command: string; inputs: number }[] = [
  { command: '/compute 1000', inputs: 1_000 },
  { command: '/compute 1000', inputs: 1_000 },
  { command: '/compute 100000', inputs: 100_000 },
  { command: '/compute 250 blockSize=1 samples=100000', inputs: 250 },
  { command: '/compute 40 samples=1000000', inputs: 40 },
];
/** The chaos test's own task: it leaves a line in a file when it starts, and takes 4 s. */
const task = { command: '/run Tally', inputs: 0 };

/** Critical times: right at the start, in the middle, with the last blocks, and during the reduction. */
const parts = [0, 0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.99, 1, 1];
const delays = [0, 0, 10, 40, 100, 250, 600, 1_500];
const targets: KillTarget[] = ['worker', 'worker', 'azurite-blob', 'azurite-queue', 'bot', 'platform'];

/**
 * Generates the plans of a chaos test, endlessly; the same seed generates the same plans.
 * @param hosted whether the orchestrator is a separate process
 */
export function* generatePlans(seed: number, hosted: boolean): Generator<ChaosPlan> {
  const random = xoroshiro128plus(seed);
  const all: KillTarget[] = hosted ? [...targets, 'orchestrator', 'orchestrator', 'orchestrator'] : targets;
  const upTo = (most: number): number => uniformInt(random, 0, most);
  const pick = <T>(from: readonly T[]): T => from[upTo(from.length - 1)] as T;
  for (;;) {
    const isTask = upTo(5) === 0;
    const pool: KillTarget[] = isTask ? [...all, 'runner', 'runner'] : all;
    const kill = (): PlannedKill => ({
      part: pick(parts),
      milliseconds: pick(delays),
      targets: [...new Set(upTo(3) === 0 ? [pick(pool), pick(pool)] : [pick(pool)])],
    });
    const kills = Array.from({ length: 1 + upTo(3) }, kill).sort((a, b) => a.part - b.part);
    yield { ...(isTask ? task : pick(computes)), kills };
  }
}

/** Formats a plan in one line. */
export const formatPlan = ({ command, kills }: ChaosPlan): string =>
  `${command}: ${kills.map(({ part, milliseconds, targets: what }) => `${what.join('+')} at ${part}${milliseconds > 0 ? `+${milliseconds}ms` : ''}`).join(', ')}`;

/** Generates sets of states in which the orchestrator is killed, endlessly. */
export function* generateKillStates(seed: number): Generator<Set<KillState>> {
  const random = xoroshiro128plus(seed);
  for (;;) yield new Set(killStates.filter(() => uniformInt(random, 0, 1) === 0));
}
