import { jobIdNote, parseJobId } from '../values/job-id.ts';
import type { CommandSpec } from './spec.ts';

export const cancel: CommandSpec = {
  name: 'cancel',
  usage: '/cancel [job]',
  summary: 'stops a running or waiting job',
  notes: [
    jobIdNote,
    'A computation keeps its completed blocks: the reply links to their outputs, and `/retry` continues from there.',
    'Without an id, it stops the unfinished job of this thread. If there are several, it lists them and stops none.',
  ],
  access: 'requester-or-run-that-task',
  examples: [
    { command: '/cancel', meaning: 'stops the only job of this thread' },
    { command: '/cancel job-0123456789abcdef0123456789abcdef', meaning: 'stops that job' },
  ],
  needsCatalogue: false,
  mutates: true,
  allowedUnderBrokenPolicy: true,
  interpret: (args) => {
    const target = parseJobId(args);
    return target && { kind: 'cancel', ...target };
  },
};
