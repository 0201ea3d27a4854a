import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Person, WaitReason } from '../../../compute/client/index.ts';
import { parseCommands } from '../../../chatops/command/index.ts';
import {
  renderNotice,
  readMarker,
  refreshReply,
  updateReply,
  type ReplySection,
} from '../../../chatops/reply/render-reply.ts';
import { grammars } from '../../fixtures/grammars.ts';
import {
  hostileText,
  longHostileText,
  flattenNodes,
  parseMarkdown,
  findActiveQuote,
  countRules,
} from '../../fixtures/hostile-text.ts';
import {
  jobAwaitingApproval,
  computeJob,
  finishedComputeJob,
  commandKey,
  heldLock,
  jobAwaitingLock,
  taskFiles,
  taskJob,
} from '../../fixtures/jobs.ts';

const failure = fc.record({ block: fc.nat(), code: hostileText, message: longHostileText });
const result = fc.oneof(
  longHostileText,
  fc.dictionary(hostileText, fc.oneof(hostileText, fc.integer())),
  fc.array(fc.array(hostileText)),
);
const endings = fc.record({
  message: fc.option(longHostileText),
  endedBy: fc.option(hostileText),
  failures: fc.array(failure, { maxLength: 12 }),
});

const notes = fc.record({
  approvers: fc.record({ words: hostileText, mentions: fc.array(hostileText) }),
  prefix: fc.option(hostileText),
  image: hostileText,
  script: hostileText,
  identity: hostileText,
  inputs: fc.record({ path: hostileText, commit: hostileText }),
  policy: hostileText,
  warnings: fc.array(hostileText),
  comments: fc.constantFrom(0, 2_450),
});

const files = fc
  .record({ summary: longHostileText, cell: longHostileText, name: hostileText, truncated: fc.boolean() })
  .map(({ summary, cell, name, truncated }) =>
    taskFiles(
      { 'a_1234567.csv': 10, 'chart.png': 20, 'GH-1': 30 },
      {
        summary,
        tables: [
          { name: 'a_1234567.csv', header: [name, 'b'], rows: [[cell], ['1', name, cell]], truncated },
        ],
        omitted: [{ name, bytes: null, reason: 'bad-name' }],
        omittedCount: 2,
      },
    ),
  );

const jobSections = fc
  .tuple(
    hostileText,
    hostileText,
    result,
    longHostileText,
    endings,
    notes,
    fc.constantFrom('failed', 'canceled', 'completed'),
    files,
  )
  .map(([command, sender, result, logTail, ending, notes, state, files]) => {
    const origin = { ...computeJob().origin, command, sender, notes };
    const path = `run/${command}`;
    const links = { log: { path, url: `https://example.org/${encodeURIComponent(sender.toWellFormed())}` } };
    const script = { exitCode: 1, signal: sender, timedOut: false, logTail };
    const person = { id: '7', name: sender };
    const approvals = [{ by: person, at: command }];
    const holder = { kind: 'person', person, reason: logTail, since: command } as const;
    const { scope, slots } = heldLock();
    const request = { taskName: sender, parameters: [{ name: sender, value: logTail }] };
    return [
      finishedComputeJob({ ...ending, origin, result, state, approvals }),
      taskJob({ ...ending, origin, result: script, links, state, files }),
      taskJob({ ...ending, origin, result: null, state: 'running', lastLines: logTail }),
      taskJob({ ...ending, origin, reason: 'rejected', result: null, state: 'canceled' }),
      computeJob({ ...ending, origin, state: 'waiting' }),
      jobAwaitingApproval({ origin, request, approvals, waiting: asked(person, command) }),
      jobAwaitingApproval({
        origin,
        request: { parameters: { [sender]: logTail } },
        waiting: asked(person, command),
      }),
      jobAwaitingLock({ scope, slots, key: sender, holders: [holder] }),
    ];
  });

const asked = (requester: Person, expiresAt: string): WaitReason => ({
  for: 'approval',
  code: 'k3x9q2m7pa',
  count: 2,
  requester,
  expiresAt,
});

const sectionsOf = (jobs: ReturnType<typeof computeJob>[]): ReplySection[] =>
  jobs.map((job, index) => ({ kind: 'job', key: commandKey(index), index, job }));

test('untrusted text has no effect, and the reply keeps its structure', () => {
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
      expect(flattenNodes(parseMarkdown(body)).map(findActiveQuote).filter(Boolean)).toEqual([]);
      expect(countRules(body)).toBe(jobs.length - 1);
      for (const grammar of grammars) expect(parseCommands(body, grammar)).toEqual([]);
      expect(body).not.toContain('seζcret');
      expect(readMarker(body)).toMatchObject({ comment: 9, state });
      expect(refreshReply(body, { comment: 9, jobs: [], isPublic })).toMatchObject({ body, changed: false });
    }),
    { numRuns: 60 },
  );
});

test('a notice: nothing of it acts but the one mention', () => {
  fc.assert(
    fc.property(jobSections, hostileText, ([job = computeJob()], login) => {
      const text = renderNotice(job, { login });
      expect(flattenNodes(parseMarkdown(text)).map(findActiveQuote).filter(Boolean)).toEqual([]);
      expect(text).not.toMatch(/^@/);
      for (const grammar of grammars) expect(parseCommands(text, grammar)).toEqual([]);
    }),
  );
});

test('many jobs with much to say still fit, whole and closed', () => {
  const log = '`'.repeat(5_000) + '\n@octocat\n'.repeat(300);
  const jobs = Array.from({ length: 60 }, (_, n) =>
    taskJob({
      id: `job-${String(n).padStart(32, '0')}`,
      result: { exitCode: 0, signal: null, logTail: log },
    }),
  );
  const { body } = updateReply(undefined, {
    comment: 9,
    sections: sectionsOf(jobs),
    keep: 'jobs',
    isPublic: false,
  });
  expect(body.length).toBeLessThanOrEqual(65_536);
  expect(flattenNodes(parseMarkdown(body)).map(findActiveQuote).filter(Boolean)).toEqual([]);
  expect(countRules(body)).toBe(20);
  expect(body).toContain('40 more are not shown here.');
  expect(body).toMatch(/… \d+ characters left out …/);
});
