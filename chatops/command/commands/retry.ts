import { jobNote, readJob } from '../values/job.ts';
import type { Spec } from './spec.ts';

export const retry: Spec = {
  name: 'retry',
  usage: '/retry [job]',
  summary: 'runs what failed once more: the failed blocks of a computation, or the whole of a task',
  notes: [
    jobNote,
    'Without an id it is the failed job of this thread, if there is exactly one; else they are listed, and none runs.',
    'It is a new request by whoever writes it: the policy, approval and locks count anew.',
  ],
  right: 'work',
  examples: [
    { command: '/retry', meaning: 'runs the only failed job of this thread again' },
    { command: '/retry job-0123456789abcdef0123456789abcdef', meaning: 'runs that one again' },
  ],
  needsCatalogue: false,
  interpret: (given) => {
    const about = readJob(given);
    return about && { kind: 'retry', ...about };
  },
};
