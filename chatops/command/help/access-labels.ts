import type { CommandAccess } from '../commands/spec.ts';

/** Who may give a command, in words that follow "for". Who exactly it is, the repository's policy says. */
export const accessLabels: Record<CommandAccess, string> = {
  everyone: 'everyone',
  read: 'anyone who can read this repository',
  work: 'anyone whom the policy allows to run it',
  'run-that-task': 'anyone who can run what the job runs',
  'requester-or-run-that-task': 'the requester, and anyone who can run what the job runs',
  approver: 'anyone whom the policy allows to approve it',
  locks: 'anyone whom the policy allows to take locks',
};
