import { jobIdNote, parseJobId } from '../values/job-id.ts';
import type { CommandSpec } from './spec.ts';

export const status: CommandSpec = {
  name: 'status',
  usage: '/status [job]',
  summary: 'shows the state of a job, or of the jobs of this thread',
  notes: [jobIdNote, 'Without an id it lists the jobs of this thread, for all who may read it.'],
  access: 'run-that-task',
  examples: [
    { command: '/status', meaning: 'shows the jobs of this thread' },
    { command: '/status job-0123456789abcdef0123456789abcdef', meaning: 'shows that job' },
  ],
  needsCatalogue: false,
  interpret: (given) => {
    const about = parseJobId(given);
    return about && { kind: 'status', ...about };
  },
};
