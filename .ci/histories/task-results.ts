import { toId } from './scenario-steps.ts';
import type { Results } from './scenario.ts';

/* The results of a task's activities, and its conditions. */

/** What an inspection returns after the script's exit. */
export const exit = (job: number, exitCode: number) => ({
  exit: { v: 1, job: toId(job), exitCode, signal: null, timedOut: false, startedAt: 'then', endedAt: 'now' },
  lost: false,
});
/** What it returns before. */
export const running = { exit: null, lost: false };
/** The results of a launch and of what its runner left. */
export const ran: Results = {
  LaunchRunner: [{ timeoutSeconds: 30 }],
  CollectRun: [{ started: true, logTail: 'Hello\n' }],
};

/** Returns the part of a request with a lock. */
export const lockConditions = (whenTaken: string) => ({
  conditions: { locks: [{ scope: 'github.com/501', key: 'vm/web-1', slots: 1, whenTaken }] },
});
