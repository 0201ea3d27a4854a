import * as v from 'valibot';
import { lastRunsPath } from '../../../contracts/blob-paths.ts';
import { parseJson } from '../../../contracts/problem.ts';
import type { Blobs } from '../../storage/port.ts';
import { compareAndSwap } from '../../storage/compare-and-swap.ts';

/** The times at which chores last ran without an error, ISO 8601, by their names. */
const LastRuns = v.object({ v: v.literal(1), chores: v.record(v.string(), v.string()) });
type LastRuns = Readonly<Record<string, string>>;

const findLastRuns = async (blobs: Blobs): Promise<{ chores: LastRuns; tag: string | null }> => {
  const found = await blobs.getWithTag(lastRunsPath);
  const read = found && parseJson(LastRuns, found.body.toString());
  return { chores: read?.ok ? read.value.chores : {}, tag: found?.tag ?? null };
};

/** Returns the last runs of the chores. A chore that has never run, or whose record cannot be parsed, is missing. */
export const readLastRuns = async (blobs: Blobs): Promise<LastRuns> => (await findLastRuns(blobs)).chores;

/** Records when a chore ran. It does not change the records of other chores. */
export const recordRun = async (blobs: Blobs, chore: string, time: number): Promise<void> => {
  await compareAndSwap('The record of the last runs', async () => {
    const { chores, tag } = await findLastRuns(blobs);
    const record = { v: 1, chores: { ...chores, [chore]: new Date(time).toISOString() } };
    return (await blobs.putIf(lastRunsPath, JSON.stringify(record), tag)) || undefined;
  });
};
