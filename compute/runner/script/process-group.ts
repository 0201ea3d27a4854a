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
    return true;
  } catch {
    return false;
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
