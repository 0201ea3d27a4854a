import { expect, test } from '@jest/globals';
import type { ThreadRef } from '../../../chatops/incoming-comment.ts';
import { parseNotes, type JobNotes } from '../../../chatops/job/index.ts';
import { notifyOptions } from '../../../chatops/policy/policy.ts';
import { buildComment } from '../../fixtures/incoming-comments.ts';
import { deliver, createCommentPorts } from '../../fakes/comment-ports.ts';

/** What the job of a command keeps of the policy under which it was asked for. */
const notesUnder = async (
  policy: string,
  { kind = 'issue', command = '/compute 5' }: { kind?: ThreadRef['kind']; command?: string } = {},
): Promise<JobNotes> => {
  const ports = createCommentPorts(`version: 1\n${policy}`);
  const thread = { ...buildComment('').thread, kind };
  await deliver(buildComment(command, 9, { thread }), ports);
  const [job] = ports.jobs.all.values();
  return parseNotes(job?.origin ?? {});
};

test.each([
  ['pull-request', 'checks: true', 'e'.repeat(40)],
  ['pull-request', 'checks: false', null],
  ['pull-request', '', null],
  ['issue', 'checks: true', null],
] as const)('on an %s, where the policy says "%s", its check run is at %j', async (kind, policy, commit) => {
  expect((await notesUnder(policy, { kind })).check).toBe(commit);
});

test.each(notifyOptions)('its end is told as the policy said then: %s', async (when) => {
  expect((await notesUnder(`notify: {when: ${when}}`)).notify).toBe(when);
});

test('without a word in the policy, the end of a long job is told', async () => {
  expect((await notesUnder('')).notify).toBe('long');
});

test.each([
  ['{required: true}', '/cox compute 5', 'cox'],
  ['{name: ops}', '/compute 5', 'ops'],
  ['{}', '/compute 5', null],
])('the prefix %s is kept for commands that its reply prints', async (prefix, command, kept) => {
  expect((await notesUnder(`prefix: ${prefix}`, { command })).prefix).toBe(kept);
});
