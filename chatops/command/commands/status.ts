import { jobIdNote, parseJobId } from '../values/job-id.ts';
import type { CommandSpec } from './spec.ts';

export const status: CommandSpec = {
  name: 'status',
  usage: '/status [job]',
  summary: 'shows the state of a job, or of the jobs of this thread',
  notes: [
    jobIdNote,
    'With an id, it also shows new links to the job’s outputs, because links in a reply expire.',
    'Without an id, it lists the jobs of this thread; anyone who can read the thread can do that.',
  ],
  access: 'run-that-task',
  examples: [
    { command: '/status', meaning: 'shows the jobs of this thread' },
    { command: '/status job-0123456789abcdef0123456789abcdef', meaning: 'shows that job' },
  ],
  needsCatalogue: false,
  interpret: (args) => {
    const target = parseJobId(args);
    return target && { kind: 'status', ...target };
  },
};
