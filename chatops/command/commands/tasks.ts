import type { CommandSpec } from './spec.ts';

export const tasks: CommandSpec = {
  name: 'tasks',
  usage: '/tasks',
  summary: 'lists the tasks of the catalogue and their parameters',
  notes: [],
  access: 'everyone',
  examples: [{ command: '/tasks', meaning: 'lists all tasks' }],
  needsCatalogue: true,
  interpret: (given) => {
    given.requireAtMost(0, 'nothing after /tasks');
    given.rejectParameters();
    return { kind: 'tasks' };
  },
};
