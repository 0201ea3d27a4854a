import type { Spec } from './spec.ts';

export const locks: Spec = {
  name: 'locks',
  usage: '/locks',
  summary: 'lists the locks of this repository, with their holders and the waiting jobs',
  notes: [
    'Locks that a task’s definition adds are shared across repositories. They are listed while jobs of this repository hold or wait for them; jobs of other repositories are only counted.',
  ],
  right: 'read',
  examples: [{ command: '/locks', meaning: 'lists all locks' }],
  needsCatalogue: false,
  interpret: (given) => {
    given.atMost(0, 'nothing after /locks');
    given.noParameters();
    return { kind: 'locks' };
  },
};
