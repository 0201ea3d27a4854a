import type { Spec } from './spec.ts';

const jobId = /^job-[0-9a-f]{32}$/;

export const cancel: Spec = {
  name: 'cancel',
  usage: '/cancel [job]',
  summary: 'stops a job: the one named, or else the newest of this thread',
  notes: ['A job’s id stands in its reply. It must be a job of this repository.'],
  access: 'write',
  examples: [
    { command: '/cancel', meaning: 'stops the newest job of this thread' },
    { command: '/cancel job-0123456789abcdef0123456789abcdef', meaning: 'stops that one' },
  ],
  needsCatalogue: false,
  interpret: (given) => {
    given.atMost(1, 'the id of one job');
    given.noParameters();
    const [job] = given.positionals;
    if (!job) return { kind: 'cancel' };
    if (jobId.test(job.value)) return { kind: 'cancel', job: job.value };
    const expected = '"job-" and 32 digits from 0 to f, as a reply shows it';
    given.wrong(job, 'wrong-type', 'This is no id of a job', { expected, received: job.value });
    return undefined;
  },
};
