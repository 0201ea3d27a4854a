import type { CommandSpec } from './spec.ts';

export const tasks: CommandSpec = {
  name: 'tasks',
  usage: '/tasks',
  summary: 'lists the tasks in the catalogue and their parameters',
  notes: [],
  access: 'everyone',
  examples: [{ command: '/tasks', meaning: 'lists all tasks' }],
  needsCatalogue: true,
  allowedUnderBrokenPolicy: true,
  interpret: (args) => {
    args.requireAtMost(0, 'nothing after /tasks');
    args.rejectParameters();
    return { kind: 'tasks' };
  },
};
