import { expect, test } from '@jest/globals';
import { bringUpToDate } from '../../chatops/refreshing.ts';
import { commentOf } from './job/comments.ts';
import { deliver, scene } from './scene.ts';

test('a reply follows its jobs: created if it is missing, edited if it shows something else, marked at the end', async () => {
  const ports = scene();
  const comment = commentOf('/compute 5');
  await deliver(comment, ports);
  const jobs = () => [...ports.jobs.all.values()];
  expect(await bringUpToDate(comment, jobs(), ports)).toEqual({ ended: undefined, written: undefined });

  const [job] = jobs();
  if (!job) throw new Error('no job');
  const end = { state: 'completed', startedAt: job.createdAt, endedAt: '2026-03-01T13:00:00Z' } as const;
  ports.jobs.all.set(job.id, { ...job, ...end });
  expect(await bringUpToDate(comment, jobs(), ports)).toEqual({ ended: 'well', written: 'edited' });
  expect(ports.posted()).toContain('completed');
  expect(ports.asked).toContain('react 9 rocket');
  expect((await bringUpToDate(comment, jobs(), ports)).written).toBeUndefined();

  ports.bodies.clear();
  expect((await bringUpToDate(comment, jobs(), ports)).written).toBe('created');
});
