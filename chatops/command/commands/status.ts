import { jobNote, readJob } from '../values/job.ts';
import type { Spec } from './spec.ts';

export const status: Spec = {
  name: 'status',
  usage: '/status [job]',
  summary: 'tells how far a job is: the one named, or those of this thread',
  notes: [jobNote, 'Without an id it lists the jobs of this thread, for all who may read it.'],
  right: 'run-that-task',
  examples: [
    { command: '/status', meaning: 'tells of the jobs of this thread' },
    { command: '/status job-0123456789abcdef0123456789abcdef', meaning: 'tells of that one' },
  ],
  needsCatalogue: false,
  interpret: (given) => {
    const about = readJob(given);
    return about && { kind: 'status', ...about };
  },
};
