import type { Right } from '../commands/spec.ts';

/** Who may give a command, in words that follow "for". Who exactly it is, the repository's policy says. */
export const whoMay: Record<Right, string> = {
  everyone: 'everyone',
  read: 'all who may read this repository',
  work: 'all whom the policy lets run it',
  'run-that-task': 'all who may run what the job runs',
  'requester-or-run-that-task': 'who asked for the job, and all who may run what it runs',
  approver: 'all whom the policy lets approve it',
  locks: 'all whom the policy lets take locks',
};
