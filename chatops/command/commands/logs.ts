import { jobNote, readJob } from '../values/job-id.ts';
import type { Spec } from './spec.ts';

export const logs: Spec = {
  name: 'logs',
  usage: '/logs [job]',
  summary: 'shows the end of a job’s log',
  notes: [jobNote, 'Without an id it is the newest task of this thread. A computation has no log.'],
  right: 'run-that-task',
  examples: [
    { command: '/logs', meaning: 'shows the log of this thread’s newest task' },
    { command: '/logs job-0123456789abcdef0123456789abcdef', meaning: 'shows that one’s' },
  ],
  needsCatalogue: false,
  interpret: (given) => {
    const about = readJob(given);
    return about && { kind: 'logs', ...about };
  },
};
