import type { Spec } from './spec.ts';

export const tasks: Spec = {
  name: 'tasks',
  usage: '/tasks',
  summary: 'lists the tasks of the catalogue and their parameters',
  notes: [],
  right: 'everyone',
  examples: [{ command: '/tasks', meaning: 'lists all tasks' }],
  needsCatalogue: true,
  interpret: (given) => {
    given.atMost(0, 'nothing after /tasks');
    given.noParameters();
    return { kind: 'tasks' };
  },
};
