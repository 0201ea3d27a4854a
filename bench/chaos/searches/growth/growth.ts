import * as fc from 'fast-check';
import type { Search } from '../../search.ts';
import { knownShapes, shapes, write, type Shape } from './shapes.ts';
import { subjects, type Subject } from './subjects.ts';

/** Work that takes less than this at the largest size may grow as it likes. */
const cheapMilliseconds = 60;
/** No text may take more than this at the largest size. */
const maxMilliseconds = 3_000;
/** Linear work grows to 4 times when its text does, quadratic to 16 times. */
const maxGrowth = 9;

const cpuMilliseconds = async (work: () => unknown): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
};

/** The least of some measurements: others on the machine and the garbage collector only add to it. */
const leastOf = async (times: number, work: () => unknown): Promise<number> => {
  let least = Infinity;
  for (let n = 0; n < times; n += 1) least = Math.min(least, await cpuMilliseconds(work));
  return least;
};

/** What is wrong with how a subject's work grows with a shape; undefined if nothing is. */
const faultOf = async ({ work, characters, name }: Subject, shape: Shape): Promise<string | undefined> => {
  const whole = write(shape, characters);
  if ((await cpuMilliseconds(() => work(whole))) < cheapMilliseconds) return undefined;
  const quarter = write(shape, characters / 4);
  const small = await leastOf(3, () => work(quarter));
  const large = await leastOf(3, () => work(whole));
  if (large < cheapMilliseconds) return undefined;
  const growth = large / Math.max(small, 1);
  if (growth < maxGrowth && large < maxMilliseconds) return undefined;
  return `${name}: ${small.toFixed(0)} ms for a quarter, ${large.toFixed(0)} ms for ${whole.length} characters`;
};

/** Looks for texts of strangers on which work in an event loop grows faster than they do. */
export const growth: Search = {
  name: 'growth',
  cases: 300,
  run: async (seed, cases) => {
    const all = await subjects();
    const found: string[] = [];
    const failed = new Set<string>();
    for (const shape of [...knownShapes, ...fc.sample(shapes, { seed, numRuns: cases })])
      for (const subject of all) {
        if (failed.has(subject.name)) continue;
        const fault = await faultOf(subject, shape).catch(
          (error: unknown) => `${subject.name}: ${String(error)}`,
        );
        if (fault === undefined) continue;
        failed.add(subject.name);
        found.push(`${fault}: ${JSON.stringify(shape)}`);
      }
    return found;
  },
};

/**
 * Tries subjects with known shapes at an eighth of their largest sizes, and with random ones at small sizes, and measures nothing.
 * @returns a line per text that throws
 */
export const throwing = async (seed: number, cases: number): Promise<string[]> => {
  const found: string[] = [];
  const attempt = async ({ name, work }: Subject, shape: Shape, characters: number): Promise<void> => {
    try {
      await work(write(shape, characters));
    } catch (error) {
      found.push(`${name}: ${String(error)}: ${JSON.stringify(shape)}`);
    }
  };
  for (const subject of await subjects()) {
    for (const shape of knownShapes) await attempt(subject, shape, subject.characters / 8);
    for (const shape of fc.sample(shapes, { seed, numRuns: cases })) await attempt(subject, shape, 1_000);
  }
  return found;
};
