import { describe, expect, test } from '@jest/globals';
import {
  earlierAnswer,
  readMarker,
  refreshReply,
  updateReply,
  type Section,
} from '../../../chatops/reply/index.ts';
import { compute, computed, id, task } from './jobs.ts';

const here = { comment: 9, isPublic: false };
const job = (job = compute(), index = 0): Section => ({ kind: 'job', index, job });
const answer = (markdown: string, index: number): Section => ({ kind: 'answer', index, markdown });
const refusal = (markdown: string, index: number): Section => ({ kind: 'refusal', index, markdown });

describe('the tracker', () => {
  test('makes a reply where there is none, in the order of the comment', () => {
    const { body, changed, state, ended } = refreshReply(undefined, { ...here, jobs: [task(), compute()] });
    expect(readMarker(body)).toEqual({ v: 1, comment: 9, jobs: [id('a'), id('b')], state });
    expect({ changed, ended }).toEqual({ changed: true, ended: undefined });
  });

  test('replaces the sections of its jobs and keeps all others', () => {
    const first = updateReply(undefined, {
      ...here,
      sections: [answer('Help.', 0), job(compute(), 1), refusal('No.', 2)],
    });
    const { body, changed, ended } = refreshReply(first.body, { ...here, jobs: [computed()] });
    expect(body).toMatch(/Help\.[^]*completed in 1 min[^]*No\./);
    expect(body).not.toContain('is running');
    expect({ changed, ended }).toEqual({ changed: true, ended: 'well' });
  });

  test('adds a job without a section at its place', () => {
    const first = updateReply(undefined, { ...here, sections: [job(), answer('Help.', 2)] });
    const { body } = refreshReply(first.body, { ...here, jobs: [task()] });
    expect(body).toMatch(/420\/1000[^]*Hello[^]*Help\./);
    expect(readMarker(body)?.jobs).toEqual([id('a'), id('b')]);
  });

  test('sets sections apart by one rule, however often they are written', () => {
    const first = updateReply(undefined, {
      ...here,
      sections: [answer('Help.', 0), job(compute(), 1), refusal('No.', 2)],
    });
    const again = refreshReply(first.body, { ...here, jobs: [compute()] });
    expect(first.body.match(/^---$/gm)).toHaveLength(2);
    expect(again).toMatchObject({ body: first.body, changed: false });
  });

  test('sees no change in new links and in time that passed', () => {
    const { body } = updateReply(undefined, {
      ...here,
      sections: [job(compute({ links: computed().links }))],
    });
    const later = compute({ updatedAt: '2026-03-01T13:00:00Z', links: null });
    expect(refreshReply(body, { ...here, jobs: [later] }).changed).toBe(false);
    const moved = compute({ progress: { done: 421, failed: 0, total: 1000, workers: 4 } });
    expect(refreshReply(body, { ...here, jobs: [moved] }).changed).toBe(true);
  });

  test('never goes back: word that comes late changes nothing', () => {
    const { body, state } = updateReply(undefined, { ...here, sections: [job(computed())] });
    for (const late of [compute(), compute({ state: 'queued' })]) {
      expect(refreshReply(body, { ...here, jobs: [late] })).toMatchObject({
        body,
        state,
        changed: false,
        ended: 'well',
      });
    }
  });

  test('tells the end only when all jobs have ended, and well only if all have', () => {
    const { body } = updateReply(undefined, { ...here, sections: [job(), job(task(), 1)] });
    expect(refreshReply(body, { ...here, jobs: [task()] }).ended).toBeUndefined();
    expect(refreshReply(body, { ...here, jobs: [computed()] }).ended).toBe('well');
    const failed = computed({ state: 'failed', reason: 'internal' });
    expect(refreshReply(body, { ...here, jobs: [failed] }).ended).toBe('badly');
  });

  test('reads a body whose line ends were made CRLF', () => {
    const { body } = updateReply(undefined, { ...here, sections: [answer('Help.', 0), job(compute(), 1)] });
    const again = refreshReply(body.replaceAll('\n', '\r\n'), { ...here, jobs: [compute()] });
    expect(again).toMatchObject({ body, changed: false });
  });

  test('writes a body anew that somebody spoiled', () => {
    expect(refreshReply('what is this', { ...here, jobs: [compute()] })).toMatchObject({ changed: true });
  });
});

describe('a comment that is worked on again', () => {
  test('leaves the reply as it is', () => {
    const sections = [answer('Help.', 0), job(compute(), 1)];
    const { body } = updateReply(undefined, { ...here, sections });
    expect(updateReply(body, { ...here, sections })).toMatchObject({ body, changed: false });
  });

  test('does not take a job back to the queue', () => {
    const { body } = updateReply(undefined, { ...here, sections: [job()] });
    const queued = job(compute({ state: 'queued', progress: null }));
    expect(updateReply(body, { ...here, sections: [queued] })).toMatchObject({ body, changed: false });
  });

  test('a job that runs stays on the record when it would be refused now', () => {
    const { body } = updateReply(undefined, { ...here, sections: [job()] });
    expect(updateReply(body, { ...here, sections: [refusal('No.', 0)] })).toMatchObject({
      body,
      changed: false,
    });
  });

  test('a job that is granted now takes the place of its refusal', () => {
    const { body } = updateReply(undefined, { ...here, sections: [refusal('No.', 0)] });
    const again = updateReply(body, { ...here, sections: [job()] });
    expect(again.changed).toBe(true);
    expect(again.body).not.toContain('No.');
  });

  test('what was answered once is found by its place', () => {
    const { body } = updateReply(undefined, { ...here, sections: [job(), answer('Stopped.', 1)] });
    expect(earlierAnswer(body, 1)).toEqual(answer('Stopped.', 1));
    expect(earlierAnswer(body, 0)).toBeUndefined();
    expect(earlierAnswer(body, 2)).toBeUndefined();
  });
});

test('a marker is read from the last line only', () => {
  const { body, state } = updateReply(undefined, { ...here, sections: [job()] });
  expect(readMarker(body)).toEqual({ v: 1, comment: 9, jobs: [id('a')], state });
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
