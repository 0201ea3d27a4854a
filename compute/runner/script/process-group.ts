import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const pollMilliseconds = 20;
/** The time for the kernel to end processes after SIGKILL. */
const killedMilliseconds = 1_000;

/** Signals every process of a group, if there are any. */
const signalGroup = (group: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-group, signal);
  } catch {
    // ESRCH: the group has no process. EPERM: none that this process can signal.
  }
};

const isAlive = (group: number): boolean => {
  try {
    process.kill(-group, 0);
  } catch {
    return false;
  }
  return process.pid !== 1 || hasLiveProcess(group);
};

/**
 * Returns whether a group has a process that is not a zombie. As the first process of a container, we are the parent of a script's
 * orphans, and Node does not reap them: they stay in their group after they have ended.
 */
const hasLiveProcess = (group: number): boolean =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      const [, state, its] = /\) (\S) \d+ (\d+)/.exec(readStat(pid)) ?? [];
      return its === String(group) && state !== 'Z' && state !== 'X';
    });

/** Returns the text of `/proc/<pid>/stat`: the program's name in parentheses, then the state, the parent and the group. Source: proc(5) */
const readStat = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
};

/** Ends all processes of a group: SIGTERM, then SIGKILL after the grace. Resolves when they have ended. */
export const endGroup = async (group: number, graceMilliseconds: number): Promise<void> => {
  signalGroup(group, 'SIGTERM');
  if (await waitUntilGone(group, graceMilliseconds)) return;
  signalGroup(group, 'SIGKILL');
  await waitUntilGone(group, killedMilliseconds);
};

const waitUntilGone = async (group: number, withinMilliseconds: number): Promise<boolean> => {
  const giveUp = Date.now() + withinMilliseconds;
  while (isAlive(group)) {
    if (Date.now() > giveUp) return false;
    await pause(pollMilliseconds);
  }
  return true;
};
