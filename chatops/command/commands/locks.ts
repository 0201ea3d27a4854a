import type { CommandSpec } from './spec.ts';

export const locks: CommandSpec = {
  name: 'locks',
  usage: '/locks',
  summary: 'lists the locks of this repository, with their holders and the waiting jobs',
  notes: [
    'Locks that a task’s definition adds are shared across repositories. They are listed while jobs of this repository hold or wait for them; jobs of other repositories are only counted.',
  ],
  access: 'read',
  examples: [{ command: '/locks', meaning: 'lists all locks' }],
  needsCatalogue: false,
  allowedUnderBrokenPolicy: true,
  interpret: (args) => {
    args.requireAtMost(0, 'nothing after /locks');
    args.rejectParameters();
    return { kind: 'locks' };
  },
};
