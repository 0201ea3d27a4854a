import { randomJobId, type JobId } from '../../../contracts/ids.ts';
import type { Lock, Waiting } from '../../../contracts/conditions.ts';
import type { Job } from '../../../contracts/job.ts';
import { startJob, until, type Answered, type Platform } from './ground.ts';

const people = { mona: '7', lisa: '8', hubot: '9' } as const;
export type Name = keyof typeof people;
export const person = (name: Name) => ({ id: people[name], name });

export const code = 'k3x9q0aa7b';
/** Mona asks, somebody else has to approve. */
export const approval = { code, expiresSeconds: 3_600, requester: person('mona') };

/** Starts a job of three blocks under conditions. */
export const startUnder = (platform: Platform, conditions: object, more: object = {}): Promise<JobId> =>
  startJob(platform, { jobId: randomJobId(), inputCount: 3, blockSize: 1, conditions, ...more });

export const approve = (platform: Platform, id: JobId, name: Name, given = code) =>
  platform.call('POST', `jobs/${id}/approve`, { by: person(name), code: given });

export const reject = (platform: Platform, id: JobId, name: Name, reason: string | null, given = code) =>
  platform.call('POST', `jobs/${id}/reject`, { by: person(name), code: given, reason });

export const cancel = (platform: Platform, id: JobId) =>
  platform.call('POST', `jobs/${id}/cancel`, { by: 'mona' });

/** A job's view once something holds of it. */
export const when = async (platform: Platform, id: JobId, holds: (job: Job) => boolean): Promise<Job> => {
  let job = await platform.view(id);
  await until(async () => holds((job = await platform.view(id))));
  return job;
};

export const waits = (platform: Platform, id: JobId, what: Waiting['for']) =>
  when(platform, id, ({ state, waiting }) => state === 'waiting' && waiting?.for === what);

export const runs = (platform: Platform, id: JobId) => when(platform, id, ({ state }) => state === 'running');

export const locksOf = async (platform: Platform, scope: string): Promise<Lock[]> => {
  const { body } = await platform.call('GET', `locks?scope=${encodeURIComponent(scope)}`);
  return (body as Answered & { locks: Lock[] }).locks;
};
