import { expect, test } from '@jest/globals';
import { syncReply } from '../../../chatops/reply-sync/sync-reply.ts';
import type { CheckRun } from '../../../chatops/github/ports.ts';
import { buildComment } from '../../fixtures/incoming-comments.ts';
import { deliver, createCommentPorts, type FakeCommentPorts } from '../../fakes/comment-ports.ts';

/** A scene with check runs, and what was refused there. */
const followed = (policy?: string) => {
  const checks: CheckRun[] = [];
  const refused: string[] = [];
  return {
    ...createCommentPorts(policy),
    put: checks,
    refused,
    checks: { put: async (_repository: unknown, check: CheckRun) => void checks.push(check) },
    onRefused: (what: string) => void refused.push(what),
  };
};

/** Ends the newest job. */
const end = ({ jobs }: FakeCommentPorts, state: 'completed' | 'failed'): void => {
  const job = [...jobs.all.values()].at(-1);
  if (!job) throw new Error('no job');
  const times = { startedAt: job.createdAt, endedAt: '2026-03-01T13:00:00Z' };
  jobs.all.set(job.id, { ...job, state, ...times, ...(state === 'failed' ? { reason: 'internal' } : {}) });
};

test('a reply follows its jobs: created if it is missing, edited if it shows something else, marked at the end', async () => {
  const ports = followed();
  const comment = buildComment('/compute 5');
  await deliver(comment, ports);
  const jobs = () => [...ports.jobs.all.values()];
  expect(await syncReply(comment, jobs(), ports)).toEqual({
    ended: undefined,
    written: undefined,
    notices: 0,
  });

  end(ports, 'completed');
  expect(await syncReply(comment, jobs(), ports)).toEqual({
    ended: 'well',
    written: 'edited',
    notices: 1,
  });
  expect(ports.posted()).toContain('completed');
  expect(ports.calls).toContain('react 9 rocket');
  expect((await syncReply(comment, jobs(), ports)).written).toBeUndefined();

  ports.bodies.clear();
  expect((await syncReply(comment, jobs(), ports)).written).toBe('created');
});

test('the end is announced by a notice if the policy requires it, before the reply shows it, and once', async () => {
  const ports = followed('version: 1\nnotify: {when: failure}');
  const comment = buildComment('/compute 5');
  await deliver(comment, ports);
  end(ports, 'failed');
  const jobs = [...ports.jobs.all.values()];
  await syncReply(comment, jobs, ports);
  expect(ports.calls.slice(-4)).toEqual(['find', 'create', 'edit', 'react 9 confused']);
  await syncReply(comment, jobs, ports);
  expect([...ports.bodies.values()].filter((body) => body.startsWith('@octocat: '))).toHaveLength(1);
});

test('a reply that shows the end from the beginning still gets its notice and reaction', async () => {
  const ports = followed('version: 1\nnotify: {when: always}');
  const comment = buildComment('/compute 5');
  // The job ends after it was started, and before its first reply is written.
  ports.visibility.isPublic = async () => (end(ports, 'failed'), false);
  await deliver(comment, ports);
  expect(ports.posted()).toContain('failed');
  const jobs = [...ports.jobs.all.values()];
  expect(await syncReply(comment, jobs, ports)).toEqual({
    ended: 'badly',
    written: undefined,
    notices: 1,
  });
  expect(ports.calls).toContain('react 9 confused');
  expect((await syncReply(comment, jobs, ports)).notices).toBe(0);
});

test('a check run shows the states of its job; a refused one does not block other writes', async () => {
  const ports = followed('version: 1\nchecks: true');
  const comment = buildComment('/compute 5', 9, {
    thread: { repository: { id: 1, name: 'acme/ops' }, number: 7, kind: 'pull-request' },
  });
  await deliver(comment, ports);
  end(ports, 'completed');
  await syncReply(comment, [...ports.jobs.all.values()], ports);
  expect(ports.put).toMatchObject([{ conclusion: 'success', commit: ports.files.pull }]);
  expect(ports.refused).toEqual([]);

  const put = () => Promise.reject(Object.assign(new Error('Resource not accessible'), { status: 403 }));
  await syncReply(comment, [...ports.jobs.all.values()], { ...ports, checks: { put } });
  expect(ports.refused).toEqual(['check run']);
});
