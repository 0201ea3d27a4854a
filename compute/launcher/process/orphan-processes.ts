import { listProcesses, readWorkingFolder, type ProcessIdentity, type Process } from './process-table.ts';

/** Processes that are killed may have started others meanwhile: look again, but not for ever. */
const maxScans = 10;

/**
 * Kills what an earlier runner has left: the recorded processes, each with its process group, and whatever works in the
 * runner's folder. Nothing else: a recorded pid counts only for the very process that was recorded.
 * @param folder absolute, without symbolic links
 * @returns how many were killed
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
    // A person's shell has a terminal, a script's processes have none.
    return !hasTerminal && isWithin(readWorkingFolder(pid), folder);
  });
};

/**
 * Whether a recorded pid, and the group of that number, still mean what was recorded. The kernel gives a pid to nobody as
 * long as a group of that number has members: so when no process has it, a group that has it is still the recorded one,
 * if only the machine has not been started anew.
 */
const isSameProcess = ({ pid, birth }: ProcessIdentity, all: readonly Process[]): boolean => {
  const current = all.find((other) => other.pid === pid);
  return current
    ? current.birth === birth
    : all.some((other) => other.group === pid && getBootId(other.birth) === getBootId(birth));
};

const getBootId = (birth: string): string => birth.split(' ')[0] ?? '';

/** The folder of a process whose folder was removed is shown with ` (deleted)` behind it. */
const isWithin = (path: string | undefined, folder: string): boolean =>
  path?.startsWith(`${folder}/`) === true;

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone meanwhile.
  }
};
