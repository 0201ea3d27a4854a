import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Person, Waiting } from '../../../compute/client/index.ts';
import { readCommands } from '../../../chatops/command/index.ts';
import {
  notice,
  readMarker,
  refreshReply,
  updateReply,
  type Section,
} from '../../../chatops/reply/render-reply.ts';
import { grammars } from '../../fixtures/grammars.ts';
import { hostile, long, nodesOf, parse, quotedAct, rulesIn } from '../../fixtures/hostile-text.ts';
import { asking, compute, computed, keyOf, lock, queueing, task } from '../../fixtures/jobs.ts';

const failure = fc.record({ block: fc.nat(), code: hostile, message: long });
const result = fc.oneof(
  long,
  fc.dictionary(hostile, fc.oneof(hostile, fc.integer())),
  fc.array(fc.array(hostile)),
);
const endings = fc.record({
  message: fc.option(long),
  endedBy: fc.option(hostile),
  failures: fc.array(failure, { maxLength: 12 }),
});

const notes = fc.record({
  approvers: fc.record({ words: hostile, mentions: fc.array(hostile) }),
  prefix: fc.option(hostile),
  image: hostile,
  script: hostile,
  inputs: fc.record({ path: hostile, commit: hostile }),
  policy: hostile,
  warnings: fc.array(hostile),
  comments: fc.constantFrom(0, 2_450),
});

const jobSections = fc
  .tuple(hostile, hostile, result, long, endings, notes, fc.constantFrom('failed', 'canceled', 'completed'))
  .map(([command, sender, result, logTail, ending, notes, state]) => {
    const origin = { ...compute().origin, command, sender, notes };
    const path = `run/${command}`;
    const links = { log: { path, url: `https://example.org/${encodeURIComponent(sender.toWellFormed())}` } };
    const script = { exitCode: 1, signal: sender, timedOut: false, logTail };
    const person = { id: '7', name: sender };
    const approvals = [{ by: person, at: command }];
    const holder = { kind: 'person', person, reason: logTail, since: command } as const;
    const { scope, slots } = lock();
    const request = { taskName: sender, parameters: [{ name: sender, value: logTail }] };
    return [
      computed({ ...ending, origin, result, state, approvals }),
      task({ ...ending, origin, result: script, links, state }),
      task({ ...ending, origin, reason: 'rejected', result: null, state: 'canceled' }),
      compute({ ...ending, origin, state: 'waiting' }),
      asking({ origin, request, approvals, waiting: asked(person, command) }),
      asking({ origin, request: { parameters: { [sender]: logTail } }, waiting: asked(person, command) }),
      queueing({ scope, slots, key: sender, holders: [holder] }),
    ];
  });

const asked = (requester: Person, expiresAt: string): Waiting => ({
  for: 'approval',
  code: 'k3x9q2m7pa',
  count: 2,
  requester,
  expiresAt,
});

const sectionsOf = (jobs: ReturnType<typeof compute>[]): Section[] =>
  jobs.map((job, index) => ({ kind: 'job', key: keyOf(index), index, job }));

test('whatever others wrote, nothing of it acts, and the reply keeps its form', () => {
  fc.assert(
    fc.property(jobSections, fc.boolean(), (jobs, isPublic) => {
      const { body, state } = updateReply(undefined, {
        comment: 9,
        sections: sectionsOf(jobs),
        keep: 'jobs',
        isPublic,
      });
      expect(body.length).toBeLessThanOrEqual(65_536);
      expect(body.isWellFormed()).toBe(true);
      expect(nodesOf(parse(body)).map(quotedAct).filter(Boolean)).toEqual([]);
      expect(rulesIn(body)).toBe(jobs.length - 1);
      for (const grammar of grammars) expect(readCommands(body, grammar)).toEqual([]);
      expect(body).not.toContain('seζcret');
      expect(readMarker(body)).toMatchObject({ comment: 9, state });
      expect(refreshReply(body, { comment: 9, jobs: [], isPublic })).toMatchObject({ body, changed: false });
    }),
    { numRuns: 60 },
  );
});

test('a notice: nothing of it acts but the one mention', () => {
  fc.assert(
    fc.property(jobSections, hostile, ([job = compute()], login) => {
      const text = notice(job, { login });
      expect(nodesOf(parse(text)).map(quotedAct).filter(Boolean)).toEqual([]);
      expect(text).not.toMatch(/^@/);
      for (const grammar of grammars) expect(readCommands(text, grammar)).toEqual([]);
    }),
  );
});

test('many jobs with much to say still fit, whole and closed', () => {
  const log = '`'.repeat(5_000) + '\n@octocat\n'.repeat(300);
  const jobs = Array.from({ length: 60 }, (_, n) =>
    task({ id: `job-${String(n).padStart(32, '0')}`, result: { exitCode: 0, signal: null, logTail: log } }),
  );
  const { body } = updateReply(undefined, {
    comment: 9,
    sections: sectionsOf(jobs),
    keep: 'jobs',
    isPublic: false,
  });
  expect(body.length).toBeLessThanOrEqual(65_536);
  expect(nodesOf(parse(body)).map(quotedAct).filter(Boolean)).toEqual([]);
  expect(rulesIn(body)).toBe(20);
  expect(body).toContain('40 more are not shown here.');
  expect(body).toMatch(/… \d+ characters left out …/);
});
