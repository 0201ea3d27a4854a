import type { CommentId } from '../../../contracts/comment-id.ts';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ReceivedComment } from '../../../bot/server/webhook-events.ts';
import { MissedCommentPoller } from '../../../bot/sweep/missed-comment-poller.ts';
import type { IncomingComment } from '../../../chatops/incoming-comment.ts';
import { createEntry, takeOverClaim, type CommentEntry } from '../../../chatops/lease/comment-claim.ts';
import { createHttpLeases, type Leases } from '../../../compute/client/index.ts';
import { formatMarker } from '../../../chatops/github/reply-marker.ts';
import { serveOrchestrator } from '../../fixtures/action/real-orchestrator.ts';
import {
  toKeyRule,
  openTestAuthenticator,
  platformKey,
} from '../../fixtures/orchestrator/test-authenticator.ts';
import { startTokenIssuer, type TokenIssuer } from '../../fakes/token-issuer.ts';
import {
  openOrchestratorFixture,
  type OrchestratorFixture,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';
import { waitUntil } from '../../fixtures/bot-fixture.ts';
import { FakeSweptGitHub } from '../../fakes/fake-swept-github.ts';

/* A key that may only start a harmless task claims comments as if it were the Action, at a real orchestrator. */

let github: FakeSweptGitHub;
let orchestratorFixture: OrchestratorFixture;
let issuer: TokenIssuer;
let sweep: MissedCommentPoller;
let heard: { id: CommentId; body: string; kind: string }[];
let entry: CommentEntry;
let bot: Leases;
let guest: Leases;
let action: Leases;
let left: Map<CommentId, IncomingComment>;

beforeEach(async () => {
  github = new FakeSweptGitHub();
  [heard, orchestratorFixture, issuer] = [[], await openOrchestratorFixture(), await startTokenIssuer()];
  left = new Map();
  const rule = { scopes: ['start'], repositories: [501] };
  const { access, log } = openTestAuthenticator({
    issuer,
    keys: [
      toKeyRule('hello', { name: 'greeter', tasks: ['Hello'], ...rule }),
      toKeyRule('entry', { name: 'the Action', entry: true, ...rule }),
    ],
  });
  const { url } = await serveOrchestrator(orchestratorFixture, { access, log });
  [bot, guest, action] = [platformKey, 'hello', 'entry'].map((key) => createHttpLeases({ url, key })) as [
    Leases,
    Leases,
    Leases,
  ];
  entry = createEntry('app', bot, (comment) => left.set(comment.comment.id, comment));
  sweep = new MissedCommentPoller({
    github: await github.open(),
    endLocks: async () => false,
    identity: { app: 77, host: 'github.com', isOwn: async ({ user }) => user?.login === 'coxswain[bot]' },
    isLeading: () => true,
    getThread: () => ({ hasReacted: async () => false, findReply: async () => undefined }),
    handleComment: hear,
    handleMissed: hear,
    claimedByAction: left,
    takeOverClaim: (comment) => takeOverClaim('app', comment, bot),
    admissions: { isSilenced: () => false, hasRoom: () => true },
    intervalMilliseconds: 20,
    metrics: github.metrics,
    log: github.log,
  });
});
afterEach(async () => {
  await sweep.stop();
  await orchestratorFixture.stopAll();
  await Promise.all([github.close(), orchestratorFixture.close(), issuer.close()]);
});

/** As the conversation does: nothing is done about what another entry has claimed. */
const hear = async (comment: ReceivedComment): Promise<void> => {
  const { id, body } = comment.comment;
  if (await entry.claims(comment)) heard.push({ id, body, kind: comment.event.kind });
};

const claim = (by: Leases, { id }: { id: number }) =>
  by.take(`entry/github.com/501/${id}`, 'action', 7 * 86_400);

const looks = (more: number): Promise<unknown> => {
  const before = github.lists.length;
  return waitUntil('some looks', () => github.lists.length >= before + more);
};

test('a comment that was claimed and not answered is answered anyway, once', async () => {
  const comment = github.addComment('/run Deploy place=production', 15);
  expect(await claim(guest, comment)).toBe(true);
  sweep.start();
  await waitUntil('the comment', () => heard.length > 0);
  await looks(3);
  expect(heard).toEqual([{ id: comment.id, body: '/run Deploy place=production', kind: 'created' }]);
  // And it stays ours.
  expect(await claim(guest, comment)).toBe(false);
  expect(left.size).toBe(0);
});

test('the Action has ten minutes to answer what it has claimed', async () => {
  const comment = github.addComment('/compute 10', 8);
  await claim(guest, comment);
  sweep.start();
  await looks(5);
  expect([heard, left.size]).toEqual([[], 1]);
});

test.each([
  ['after it', 14],
  ['before it', 16],
])('what the Action has answered is left to it, whatever is listed %s', async (_when, minutes) => {
  const comment = github.addComment('/compute 10', 15);
  const body = `Done\n\n${formatMarker({ v: 1, comment: comment.id, jobs: [], state: '00000000' })}`;
  github.addComment(body, minutes, { user: { id: 5, login: 'github-actions[bot]', type: 'Bot' } });
  await claim(guest, comment);
  sweep.start();
  await looks(5);
  expect([heard, left.size]).toEqual([[], 0]);
});

test('a person who writes our marker answers nothing', async () => {
  const comment = github.addComment('/compute 10', 15);
  github.addComment(`Hi\n\n${formatMarker({ v: 1, comment: comment.id, jobs: [], state: '00000000' })}`, 16);
  await claim(guest, comment);
  sweep.start();
  await waitUntil('the comment', () => heard.length > 0);
});

test('what an entry has claimed is its own', async () => {
  const comment = github.addComment('/compute 10', 15);
  await claim(action, comment);
  sweep.start();
  await waitUntil('the loss', () => left.size > 0);
  await waitUntil('the end of it', () => left.size === 0);
  await looks(3);
  expect(heard).toEqual([]);
});

/** The edit of a comment by its author, so many minutes ago, as its webhook brings it. */
const editOf = (comment: ReturnType<FakeSweptGitHub['addComment']>, minutes: number): ReceivedComment => {
  comment.updated_at = new Date(Date.now() - minutes * 60_000).toISOString().replace(/\.\d+Z$/, 'Z');
  const { id, created_at: createdAt, body } = comment;
  const mona = { id: 11, login: 'mona' };
  return {
    host: 'github.com',
    thread: { repository: { id: 501, name: 'acme/ops' }, number: 1, kind: 'issue' },
    threadState: { labels: [], comments: 1 },
    comment: { id, createdAt, body },
    author: { ...mona, kind: 'person' },
    event: { kind: 'edited', before: 'Hm', at: comment.updated_at, editor: mona },
    installation: 3,
  };
};

test('an edit that was received is answered as received, although its comment would not be', async () => {
  const comment = github.addComment('/run Deploy place=production\n\nPlease!', 15);
  await claim(guest, comment);
  await hear(editOf(comment, 11));
  sweep.start();
  await waitUntil('the comment', () => heard.length > 0);
  expect(heard).toEqual([{ id: comment.id, body: comment.body, kind: 'edited' }]);
});

test.each([
  ['before the edit is no answer to it', 14, 1],
  ['after the edit is its answer', 10, 0],
])('a reply that was written %s', async (_when, minutes, taken) => {
  const comment = github.addComment('/run Deploy place=production', 15);
  const body = `Done\n\n${formatMarker({ v: 1, comment: comment.id, jobs: [], state: '00000000' })}`;
  const edit = editOf(comment, 12);
  github.addComment(body, minutes, { user: { id: 5, login: 'github-actions[bot]', type: 'Bot' } });
  await claim(guest, comment);
  await hear(edit);
  sweep.start();
  await waitUntil('the end of the claim', () => left.size === 0);
  await looks(3);
  expect(heard).toEqual(
    [{ id: comment.id, body: '/run Deploy place=production', kind: 'edited' }].slice(0, taken),
  );
});

test('more comments than are remembered as they came are answered, too', async () => {
  const comments = [1, 2, 3].map((n) => github.addComment(`/compute ${n}`, 15));
  for (const comment of comments) await claim(guest, comment);
  const forget = left.set.bind(left);
  left.set = (id, comment) => {
    left.clear();
    return forget(id, comment);
  };
  sweep.start();
  await waitUntil('the comments', () => heard.length === 3);
  await looks(2);
  expect(heard.map(({ id }) => id)).toEqual(comments.map(({ id }) => id));
});

test('a comment that is only known as it was edited is not taken over', async () => {
  const comment = github.addComment('/compute 10', 15);
  await claim(guest, comment);
  const get = left.get.bind(left);
  left.get = (id) => {
    const found = get(id);
    if (found) comment.updated_at = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    if (found) left.clear();
    return found;
  };
  sweep.start();
  await looks(4);
  expect(heard).toEqual([]);
  expect(await claim(guest, comment)).toBe(true);
});

test('while the orchestrator does not answer, the comment waits', async () => {
  const comment = github.addComment('/compute 10', 15);
  await claim(guest, comment);
  const fault = { times: 2 };
  const take = bot.take.bind(bot);
  bot.take = async (name, holder, seconds, options) => {
    if (options?.takeOver && fault.times-- > 0) throw new Error('no answer');
    return take(name, holder, seconds, options);
  };
  sweep.start();
  await waitUntil('the comment', () => heard.length > 0);
  expect(
    github.logged.filter(({ msg }) => msg === 'could not process a missed comment: retrying'),
  ).toHaveLength(2);
});
