import { describe, expect, test } from '@jest/globals';
import { formatMention } from '../../../chatops/reply/mention.ts';
import {
  readAnswer,
  readMarker,
  refreshReply,
  updateReply,
  type ReplySection,
} from '../../../chatops/reply/render-reply.ts';
import {
  jobAwaitingApproval,
  jobAwaitingLock,
  computeJob,
  finishedComputeJob,
  jobId,
  commandKey,
  taskJob,
} from '../../fixtures/jobs.ts';

const here = { comment: 9, isPublic: false, keep: 'jobs' } as const;
const job = (job = computeJob(), index = 0): ReplySection => ({
  kind: 'job',
  key: commandKey(index),
  index,
  job,
});
const text = (kind: 'answer' | 'refusal', markdown: string, index: number): ReplySection => ({
  kind,
  key: commandKey(index),
  index,
  markdown,
});
const answer = (markdown: string, index: number): ReplySection => text('answer', markdown, index);
const refusal = (markdown: string, index: number): ReplySection => text('refusal', markdown, index);

describe('the tracker', () => {
  test('makes a reply where there is none, in the order of the comment', () => {
    const { body, changed, state, ended } = refreshReply(undefined, {
      ...here,
      jobs: [taskJob(), computeJob()],
    });
    expect(readMarker(body)).toEqual({ v: 1, comment: 9, jobs: [jobId('a'), jobId('b')], state });
    expect({ changed, ended }).toEqual({ changed: true, ended: undefined });
  });

  test('replaces the sections of its jobs and keeps all others', () => {
    const first = updateReply(undefined, {
      ...here,
      sections: [answer('Help.', 0), job(computeJob(), 1), refusal('No.', 2)],
    });
    const { body, changed, ended } = refreshReply(first.body, { ...here, jobs: [finishedComputeJob()] });
    expect(body).toMatch(/Help\.[^]*completed in 1 min[^]*No\./);
    expect(body).not.toContain('is running');
    expect({ changed, ended }).toEqual({ changed: true, ended: 'well' });
  });

  test('adds a job without a section at its place', () => {
    const first = updateReply(undefined, { ...here, sections: [job(), answer('Help.', 2)] });
    const { body } = refreshReply(first.body, { ...here, jobs: [taskJob()] });
    expect(body).toMatch(/420\/1000[^]*Hello[^]*Help\./);
    expect(readMarker(body)?.jobs).toEqual([jobId('a'), jobId('b')]);
  });

  test('sets sections apart by one rule, however often they are written', () => {
    const first = updateReply(undefined, {
      ...here,
      sections: [answer('Help.', 0), job(computeJob(), 1), refusal('No.', 2)],
    });
    const again = refreshReply(first.body, { ...here, jobs: [computeJob()] });
    expect(first.body.match(/^---$/gm)).toHaveLength(2);
    expect(again).toMatchObject({ body: first.body, changed: false });
  });

  test('sees no change in new links, workers, pace, and time that passed', () => {
    const { body } = updateReply(undefined, {
      ...here,
      sections: [job(computeJob({ links: finishedComputeJob().links }))],
    });
    const progress = { done: 420, failed: 0, total: 1000, workers: 9 };
    const later = computeJob({ updatedAt: '2026-03-01T13:00:00Z', links: null, progress });
    expect(refreshReply(body, { ...here, jobs: [later] }).changed).toBe(false);
    const moved = computeJob({ progress: { done: 421, failed: 0, total: 1000, workers: 4 } });
    expect(refreshReply(body, { ...here, jobs: [moved] }).changed).toBe(true);
  });

  test('sees a change in the last lines of a log, but not in a view without them', () => {
    const running = taskJob({ state: 'running', result: null, endedAt: null });
    const withLines = (lastLines: string | null) => ({ ...here, jobs: [{ ...running, lastLines }] });
    const first = refreshReply(undefined, withLines('one'));
    expect(refreshReply(first.body, withLines('one')).changed).toBe(false);
    const next = refreshReply(first.body, withLines('one\ntwo'));
    expect(next).toMatchObject({ changed: true, body: expect.stringContaining('one\ntwo') });
    expect(refreshReply(next.body, { ...here, jobs: [running] })).toMatchObject({
      changed: false,
      body: next.body,
    });
    const ended = refreshReply(next.body, { ...here, jobs: [taskJob()] });
    expect(ended.changed).toBe(true);
    expect(ended.body).not.toContain('Last lines');
  });

  test('never goes back: word that comes late changes nothing', () => {
    const { body, state } = updateReply(undefined, { ...here, sections: [job(finishedComputeJob())] });
    for (const late of [computeJob(), computeJob({ state: 'queued' })]) {
      expect(refreshReply(body, { ...here, jobs: [late] })).toMatchObject({
        body,
        state,
        changed: false,
        ended: 'well',
      });
    }
  });

  test('reports the outcome only when all jobs have ended, and success only if all completed', () => {
    const { body } = updateReply(undefined, { ...here, sections: [job(), job(taskJob(), 1)] });
    expect(refreshReply(body, { ...here, jobs: [taskJob()] }).ended).toBeUndefined();
    expect(refreshReply(body, { ...here, jobs: [finishedComputeJob()] }).ended).toBe('well');
    const failed = finishedComputeJob({ state: 'failed', reason: 'internal' });
    expect(refreshReply(body, { ...here, jobs: [failed] }).ended).toBe('badly');
  });

  test('reads a body whose line ends were made CRLF', () => {
    const { body } = updateReply(undefined, {
      ...here,
      sections: [answer('Help.', 0), job(computeJob(), 1)],
    });
    const again = refreshReply(body.replaceAll('\n', '\r\n'), { ...here, jobs: [computeJob()] });
    expect(again).toMatchObject({ body, changed: false });
  });

  test('rewrites a body that someone has damaged', () => {
    expect(refreshReply('what is this', { ...here, jobs: [computeJob()] })).toMatchObject({ changed: true });
  });
});

describe('a comment that is worked on again', () => {
  test('leaves the reply as it is', () => {
    const sections = [answer('Help.', 0), job(computeJob(), 1)];
    const { body } = updateReply(undefined, { ...here, sections });
    expect(updateReply(body, { ...here, sections })).toMatchObject({ body, changed: false });
  });

  test('does not take a job back to the queue', () => {
    const { body } = updateReply(undefined, { ...here, sections: [job()] });
    const queued = job(computeJob({ state: 'queued', progress: null }));
    expect(updateReply(body, { ...here, sections: [queued] })).toMatchObject({ body, changed: false });
  });

  test('a job that runs stays on the record when it would be refused now', () => {
    const { body } = updateReply(undefined, { ...here, sections: [job()] });
    expect(updateReply(body, { ...here, sections: [refusal('No.', 0)] })).toMatchObject({
      body,
      changed: false,
    });
  });

  test('a job that is now allowed replaces its refusal', () => {
    const { body } = updateReply(undefined, { ...here, sections: [refusal('No.', 0)] });
    const again = updateReply(body, { ...here, sections: [job()] });
    expect(again.changed).toBe(true);
    expect(again.body).not.toContain('No.');
  });

  test('an earlier answer is found by its key', () => {
    const { body } = updateReply(undefined, { ...here, sections: [job(), answer('Stopped.', 1)] });
    expect(readAnswer(body, commandKey(1))).toEqual(answer('Stopped.', 1));
    expect(readAnswer(body, commandKey(0))).toBeUndefined();
    expect(readAnswer(body, commandKey(2))).toBeUndefined();
  });
});

describe('an edited comment', () => {
  const first = updateReply(undefined, { ...here, sections: [answer('Help.', 0), job(computeJob(), 1)] });

  test('adds sections, and keeps those that were there', () => {
    const added: ReplySection = { ...answer('Tasks.', 1), key: 'eeeeeeee' };
    const { body } = updateReply(first.body, { ...here, sections: [added], keep: 'all' });
    expect(body).toContain('Help.');
    expect(body).toContain('is running');
    expect(readAnswer(body, 'eeeeeeee')?.index).toBe(1);
    expect(updateReply(body, { ...here, sections: [added], keep: 'all' })).toMatchObject({
      body,
      changed: false,
    });
  });

  test('replaces the answer to a command with the same key', () => {
    const { body } = updateReply(first.body, { ...here, sections: [answer('More help.', 4)], keep: 'all' });
    expect(body).toContain('Help.');
    const again = updateReply(body, {
      ...here,
      sections: [{ ...answer('Less.', 4), key: commandKey(0) }],
      keep: 'all',
    });
    expect(again.body).toMatch(/is running[^]*(More help\.[^]*Less\.|Less\.[^]*More help\.)/);
    expect(again.body).not.toMatch(/^Help\./m);
  });

  test('sections of one place keep their order, whichever of them moves', () => {
    const both = updateReply(first.body, {
      ...here,
      sections: [{ kind: 'job', key: '00000000', index: 1, job: taskJob() }],
      keep: 'all',
    });
    const order = readMarker(both.body)?.jobs;
    expect(order).toEqual([jobId('b'), jobId('a')]);
    const moved = refreshReply(both.body, { ...here, jobs: [finishedComputeJob()] });
    expect(readMarker(moved.body)?.jobs).toEqual(order);
  });
});

describe('a job that names no key', () => {
  test.each([[undefined], ['no key'], [7]])('%j: stands by its id', (key) => {
    const comment = { id: 9, createdAt: '2026-03-01T12:00:00Z', index: 0, key };
    const { body } = refreshReply(undefined, { ...here, jobs: [computeJob({ origin: { comment } })] });
    expect(body).toMatch(/^<!-- coxswain:section 0 [0-9a-f]{8} job-a{32} running [0-9a-f]{8} -->$/m);
    expect(refreshReply(body, { ...here, jobs: [computeJob({ origin: { comment } })] }).changed).toBe(false);
  });
});

describe('who is asked to approve', () => {
  test('is mentioned where the reply begins, until the approval is decided', () => {
    const queued = computeJob({ ...jobAwaitingApproval(), state: 'queued', waiting: null });
    const { body } = updateReply(undefined, { ...here, sections: [job(queued)] });
    expect(body).toMatch(/^For approval by @acme\/oncall, @mona\n\n<!-- coxswain:section 0/);
    const later = refreshReply(body.replaceAll('\n', '\r\n'), { ...here, jobs: [jobAwaitingApproval()] });
    expect(later.body.split('\n')[0]).toBe(body.split('\n')[0]);
    expect(refreshReply(later.body, { ...here, jobs: [] })).toMatchObject({
      body: later.body,
      changed: false,
    });
    const decided = [
      jobAwaitingLock(),
      finishedComputeJob({ origin: jobAwaitingApproval().origin }),
      jobAwaitingApproval({ waiting: null, state: 'canceled', reason: 'rejected' }),
    ];
    for (const job of decided)
      expect(refreshReply(later.body, { ...here, jobs: [job] }).body).not.toContain('@');
  });

  test('stays mentioned while another command of the comment waits for approval', () => {
    const other = jobAwaitingApproval({ id: jobId('d') });
    const { body } = updateReply(undefined, {
      ...here,
      sections: [job(jobAwaitingApproval()), job(other, 1)],
    });
    const one = refreshReply(body, { ...here, jobs: [jobAwaitingLock()] });
    expect(one.body).toMatch(/^For approval by /);
    const both = refreshReply(one.body, { ...here, jobs: [{ ...jobAwaitingLock(), id: jobId('d') }] });
    // The first job also waits, but it is not at hand, so it may wait for approval.
    expect(both.body).toMatch(/^For approval by /);
  });

  test('is not mentioned by an edit, nor once the job goes on', () => {
    const first = updateReply(undefined, { ...here, sections: [answer('Help.', 1)] });
    expect(refreshReply(first.body, { ...here, jobs: [jobAwaitingApproval()] }).body).not.toContain('@');
    const running = computeJob({ origin: jobAwaitingApproval().origin });
    expect(refreshReply(undefined, { ...here, jobs: [running] }).body).not.toContain('@');
  });

  test('is not mentioned by an invalid name', () => {
    const mentions = ['@a b', '@', 'mona', '@mona\n/compute 5', '@acme/on/call', '@mona', '@mona'];
    expect(formatMention({ approvers: { words: '', mentions } })).toBe('For approval by @mona');
    expect(formatMention({ approvers: { words: '', mentions: [] } })).toBeUndefined();
    expect(formatMention({ approvers: null })).toBeUndefined();
  });
});

test('the marker keeps whom a reply has told about a missing permission', () => {
  const first = updateReply(undefined, { ...here, sections: [refusal('No.', 0)], explained: { denied: 42 } });
  expect(readMarker(first.body)).toMatchObject({ denied: 42 });
  const later = refreshReply(first.body, { ...here, jobs: [computeJob()] });
  expect(readMarker(later.body)).toMatchObject({ denied: 42 });
  const plain = updateReply(undefined, { ...here, sections: [refusal('No.', 0)], explained: {} });
  expect(readMarker(plain.body)).not.toHaveProperty('denied');
  const both = { denied: 42, notHere: 43 };
  for (const explained of [{ denied: 42 }, { notHere: 43 }, both])
    expect(updateReply(plain.body, { ...here, sections: [refusal('No.', 0)], explained }).changed).toBe(true);
  const now = updateReply(first.body, { ...here, sections: [refusal('No.', 0)], explained: { notHere: 43 } });
  expect(readMarker(now.body)).toMatchObject(both);
});

test('a marker is read from the last line only', () => {
  const { body, state } = updateReply(undefined, { ...here, sections: [job()] });
  expect(readMarker(body)).toEqual({ v: 1, comment: 9, jobs: [jobId('a')], state });
  expect(readMarker(`${body}\n\nand more`)).toBeUndefined();
  for (const text of [
    '',
    '<!-- coxswain -->',
    '<!-- coxswain {"v":1} -->',
    '<!-- coxswain {x} -->',
    'coxswain {}',
  ]) {
    expect(readMarker(text)).toBeUndefined();
  }
});
