import { jobIdNote, parseJobId } from '../values/job-id.ts';
import type { CommandSpec } from './spec.ts';

export const logs: CommandSpec = {
  name: 'logs',
  usage: '/logs [job]',
  summary: 'shows the end of a job’s log',
  notes: [jobIdNote, 'Without an id, it shows the newest task of this thread. Computations have no log.'],
  access: 'run-that-task',
  examples: [
    { command: '/logs', meaning: 'shows the log of this thread’s newest task' },
    { command: '/logs job-0123456789abcdef0123456789abcdef', meaning: 'shows the log of that job' },
  ],
  needsCatalogue: false,
  interpret: (args) => {
    const target = parseJobId(args);
    return target && { kind: 'logs', ...target };
  },
};
