import { setTimeout as pause } from 'node:timers/promises';

const pollMilliseconds = 20;
/** After SIGKILL only the kernel's own work is left. */
const killedMilliseconds = 1_000;

/** Signals every process of a group; fine if there is none. */
const signalGroup = (group: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-group, signal);
  } catch {
    // ESRCH: nobody there. EPERM: nobody there whom we may signal.
  }
};

const isAlive = (group: number): boolean => {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
};

/** Ends every process of a group: SIGTERM, SIGKILL after the grace. Resolves when they are gone. */
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
