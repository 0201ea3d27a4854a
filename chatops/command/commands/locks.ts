import type { Spec } from './spec.ts';

export const locks: Spec = {
  name: 'locks',
  usage: '/locks',
  summary: 'lists the locks of this repository, with their holders and the waiting jobs',
  notes: [],
  right: 'read',
  examples: [{ command: '/locks', meaning: 'lists all locks' }],
  needsCatalogue: false,
  interpret: (given) => {
    given.atMost(0, 'nothing after /locks');
    given.noParameters();
    return { kind: 'locks' };
  },
};
