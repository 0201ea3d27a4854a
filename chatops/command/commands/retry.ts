import { jobIdNote, parseJobId } from '../values/job-id.ts';
import type { CommandSpec } from './spec.ts';

export const retry: CommandSpec = {
  name: 'retry',
  usage: '/retry [job]',
  summary: 'runs a failed job again: the failed blocks of a computation, or a whole task',
  notes: [
    jobIdNote,
    'Without an id, it runs the failed job of this thread again. If there are several, it lists them and runs none.',
    'A retry is a new request by its author: the policy, approval and locks apply again.',
  ],
  access: 'start-job',
  examples: [
    { command: '/retry', meaning: 'runs the only failed job of this thread again' },
    { command: '/retry job-0123456789abcdef0123456789abcdef', meaning: 'runs that job again' },
  ],
  needsCatalogue: false,
  interpret: (args) => {
    const target = parseJobId(args);
    return target && { kind: 'retry', ...target };
  },
};
