import { jobNote, readJob } from '../values/job-id.ts';
import type { Spec } from './spec.ts';

export const cancel: Spec = {
  name: 'cancel',
  usage: '/cancel [job]',
  summary: 'stops a job that runs or waits',
  notes: [
    jobNote,
    'Without an id, it stops the unfinished job of this thread. If there are several, it lists them and stops none.',
  ],
  right: 'requester-or-run-that-task',
  examples: [
    { command: '/cancel', meaning: 'stops the only job of this thread' },
    { command: '/cancel job-0123456789abcdef0123456789abcdef', meaning: 'stops that one' },
  ],
  needsCatalogue: false,
  interpret: (given) => {
    const about = readJob(given);
    return about && { kind: 'cancel', ...about };
  },
};
