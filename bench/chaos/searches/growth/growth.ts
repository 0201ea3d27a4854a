import * as fc from 'fast-check';
import type { ChaosSearch } from '../../search.ts';
import { knownShapes, shapes, writeShape, type TextShape } from './shapes.ts';
import { loadSubjects, type GrowthSubject } from './subjects.ts';

/** Work that takes less than this at the maximum size may grow in any way. */
const cheapMilliseconds = 60;
/** The maximum time for a text of the maximum size. */
const maxMilliseconds = 3_000;
/** When a text grows to 4 times its size, linear work grows to 4 times, quadratic work to 16 times. */
const maxGrowth = 9;

const measureCpu = async (work: () => unknown): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
};

/** Returns the minimum of several measurements, because other processes and the garbage collector only add to the time. */
const measureMinimum = async (times: number, work: () => unknown): Promise<number> => {
  let least = Infinity;
  for (let n = 0; n < times; n += 1) least = Math.min(least, await measureCpu(work));
  return least;
};

/** Returns a problem with the growth of a subject's work on a shape; undefined if there is none. */
const findFault = async (
  { work, characters, name }: GrowthSubject,
  shape: TextShape,
): Promise<string | undefined> => {
  const whole = writeShape(shape, characters);
  if ((await measureCpu(() => work(whole))) < cheapMilliseconds) return undefined;
  const quarter = writeShape(shape, characters / 4);
  const small = await measureMinimum(3, () => work(quarter));
  const large = await measureMinimum(3, () => work(whole));
  if (large < cheapMilliseconds) return undefined;
  const growth = large / Math.max(small, 1);
  if (growth < maxGrowth && large < maxMilliseconds) return undefined;
  return `${name}: ${small.toFixed(0)} ms for a quarter, ${large.toFixed(0)} ms for ${whole.length} characters`;
};

/** Searches for foreign texts for which the work in an event loop grows faster than the text. */
export const growth: ChaosSearch = {
  name: 'growth',
  cases: 300,
  run: async (seed, cases) => {
    const all = await loadSubjects();
    const found: string[] = [];
    const failed = new Set<string>();
    for (const shape of [...knownShapes, ...fc.sample(shapes, { seed, numRuns: cases })])
      for (const subject of all) {
        if (failed.has(subject.name)) continue;
        const fault = await findFault(subject, shape).catch(
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
 * Runs subjects with known shapes at an eighth of their maximum sizes, and with random shapes at small sizes, without measuring time.
 * @returns a line per text that throws
 */
export const findThrowingTexts = async (seed: number, cases: number): Promise<string[]> => {
  const found: string[] = [];
  const attempt = async (
    { name, work }: GrowthSubject,
    shape: TextShape,
    characters: number,
  ): Promise<void> => {
    try {
      await work(writeShape(shape, characters));
    } catch (error) {
      found.push(`${name}: ${String(error)}: ${JSON.stringify(shape)}`);
    }
  };
  for (const subject of await loadSubjects()) {
    for (const shape of knownShapes) await attempt(subject, shape, subject.characters / 8);
    for (const shape of fc.sample(shapes, { seed, numRuns: cases })) await attempt(subject, shape, 1_000);
  }
  return found;
};
