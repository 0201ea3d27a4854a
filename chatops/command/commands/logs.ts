import { jobIdNote, parseJobId } from '../values/job-id.ts';
import type { CommandSpec } from './spec.ts';

export const logs: CommandSpec = {
  name: 'logs',
  usage: '/logs [job]',
  summary: 'shows the end of a job’s log',
  notes: [jobIdNote, 'Without an id it is the newest task of this thread. A computation has no log.'],
  access: 'run-that-task',
  examples: [
    { command: '/logs', meaning: 'shows the log of this thread’s newest task' },
    { command: '/logs job-0123456789abcdef0123456789abcdef', meaning: 'shows that one’s' },
  ],
  needsCatalogue: false,
  interpret: (given) => {
    const about = parseJobId(given);
    return about && { kind: 'logs', ...about };
  },
};
