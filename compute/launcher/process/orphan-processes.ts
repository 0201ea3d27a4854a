import { listProcesses, readWorkingFolder, type ProcessIdentity, type Process } from './process-table.ts';

/** The maximum number of scans: killed processes can have started others meanwhile. */
const maxScans = 10;

/**
 * Kills the processes that a runner left: the recorded ones with their process groups, and those that work in the runner's folder. A
 * recorded pid that now belongs to another process is ignored.
 * @param folder absolute, without symbolic links
 * @returns the number of killed processes
 */
export const killOrphans = (recorded: readonly ProcessIdentity[], folder: string): number => {
  const killed = new Set<number>();
  for (let scan = 0; scan < maxScans; scan += 1) {
    const found = findOrphans(recorded, folder).filter(({ pid }) => !killed.has(pid));
    if (found.length === 0) break;
    found.forEach(({ pid }) => kill(pid));
    found.forEach(({ pid }) => killed.add(pid));
  }
  return killed.size;
};

const findOrphans = (recorded: readonly ProcessIdentity[], folder: string): Process[] => {
  const all = listProcesses();
  const groups = new Set(recorded.filter((identity) => isSameProcess(identity, all)).map(({ pid }) => pid));
  return all.filter(({ pid, group, hasTerminal }) => {
    if (pid === process.pid) return false;
    if (groups.has(pid) || groups.has(group)) return true;
    // A person's shell has a terminal, and processes of scripts do not.
    return !hasTerminal && isWithin(readWorkingFolder(pid), folder);
  });
};

/**
 * Returns whether a recorded pid, and the group with that number, still belong to the recorded process. The kernel does not reuse a pid
 * while a group with that number has members. If no process has the pid, such a group is therefore still the recorded one, unless the
 * machine was restarted.
 */
const isSameProcess = ({ pid, birth }: ProcessIdentity, all: readonly Process[]): boolean => {
  const current = all.find((other) => other.pid === pid);
  return current
    ? current.birth === birth
    : all.some((other) => other.group === pid && getBootId(other.birth) === getBootId(birth));
};

const getBootId = (birth: string): string => birth.split(' ')[0] ?? '';

/** Returns whether a path is in a folder. Linux shows a removed folder with ` (deleted)` at the end. */
const isWithin = (path: string | undefined, folder: string): boolean =>
  path?.startsWith(`${folder}/`) === true;

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
};
