import { readFile } from 'node:fs/promises';

/** The resources of a process: CPU time in seconds, and memory in bytes (with its share of shared pages). */
export type ProcessUsage = { cpuSeconds: number; bytes: number };

/** Linux counts CPU time in hundredths of a second; see `man 5 proc`. */
const ticksPerSecond = 100;

const readUsage = async (pid: number): Promise<ProcessUsage | undefined> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
    const [utime = '0', stime = '0'] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13);
    const [, kilobytes = '0'] = /^Pss:\s+(\d+) kB$/m.exec(rollup) ?? [];
    return { cpuSeconds: (Number(utime) + Number(stime)) / ticksPerSecond, bytes: Number(kilobytes) * 1024 };
  } catch {
    return undefined;
  }
};

/** Returns the total of several processes. Processes that have exited count as zero. */
export const measureUsage = async (pids: readonly number[]): Promise<ProcessUsage> => {
  const all = await Promise.all(pids.map(readUsage));
  return all.reduce<ProcessUsage>(
    (sum, one) => ({
      cpuSeconds: sum.cpuSeconds + (one?.cpuSeconds ?? 0),
      bytes: sum.bytes + (one?.bytes ?? 0),
    }),
    { cpuSeconds: 0, bytes: 0 },
  );
};
