import { jobNote, readJob } from '../values/job-id.ts';
import type { Spec } from './spec.ts';

export const status: Spec = {
  name: 'status',
  usage: '/status [job]',
  summary: 'shows the state of a job, or of the jobs of this thread',
  notes: [jobNote, 'Without an id it lists the jobs of this thread, for all who may read it.'],
  right: 'run-that-task',
  examples: [
    { command: '/status', meaning: 'shows the jobs of this thread' },
    { command: '/status job-0123456789abcdef0123456789abcdef', meaning: 'shows that job' },
  ],
  needsCatalogue: false,
  interpret: (given) => {
    const about = readJob(given);
    return about && { kind: 'status', ...about };
  },
};
