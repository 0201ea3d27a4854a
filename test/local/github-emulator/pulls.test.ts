import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { GitHubEmulator } from '../../../local/github-emulator/github-emulator.ts';
import { findSchemaFaults } from '../../fixtures/github/schemas.ts';
import {
  createUserClient,
  createInstallationClient,
  createApiClient,
  openTestEmulator,
  startWebhookReceiver,
  createTemporaryFolder,
  type ApiClient,
  type ReceivedWebhook,
} from '../../fixtures/github-emulator.ts';
import { findMissingFields } from '../../fixtures/github/webhook-examples.ts';

type Pull = {
  number: number;
  html_url: string;
  head: { sha: string; ref: string; label: string; repo: { id: number; full_name: string; fork: boolean } };
};
type Run = { id: number; status: string; conclusion: string | null; completed_at: string | null };

const base = '/repos/acme/ops';
const path = '.github/coxswain.yml';

describe('pull requests of the sandbox', () => {
  const { folder, remove } = createTemporaryFolder();
  let hook: Awaited<ReturnType<typeof startWebhookReceiver>>;
  let emulator: GitHubEmulator;
  let mona: ApiClient;
  let rhea: ApiClient;
  let bot: ApiClient;

  beforeAll(async () => {
    hook = await startWebhookReceiver();
    emulator = await openTestEmulator(folder, () => hook.url);
    mona = createUserClient(emulator, 'maintain');
    rhea = createUserClient(emulator, 'read');
    bot = await createInstallationClient(emulator);
  });
  afterAll(async () => {
    await emulator.close();
    await hook.close();
    remove();
  });

  const push = (branch: string, content: string, more: { by?: string; fork?: boolean } = {}): string =>
    emulator.testControl.push({ by: 'mona', branch, path, content, ...more });
  const open = (by: ApiClient, head: string) =>
    by('POST', `${base}/pulls`, { title: `From ${head}`, head, base: 'main' });
  /** Opens a pull request from a new branch. */
  const opened = async (branch: string): Promise<{ pull: Pull; event: ReceivedWebhook }> => {
    push(branch, `# ${branch}\n`);
    const answer = await open(mona, branch);
    expect([answer.status, findSchemaFaults(answer.body, 'pull-request')]).toEqual([201, []]);
    return { pull: answer.body as Pull, event: await hook.next() };
  };
  const expectEvent = ({ headers, payload }: ReceivedWebhook, event: string, schema: string): void => {
    expect(headers['x-github-event']).toBe(event);
    expect(findSchemaFaults(payload, `webhook-${schema}`)).toEqual([]);
    expect(findMissingFields(payload, event, payload.action)).toEqual([]);
  };

  test('are opened from a branch, and follow it', async () => {
    const { pull, event } = await opened('policy');
    expectEvent(event, 'pull_request', 'pull-request-opened');
    const after = push('policy', 'version: 2\n');
    const synchronized = await hook.next();
    expectEvent(synchronized, 'pull_request', 'pull-request-synchronize');
    expect(synchronized.payload).toMatchObject({ before: pull.head.sha, after, number: pull.number });
    const read = await bot('GET', `${base}/pulls/${pull.number}`);
    expect(findSchemaFaults(read.body, 'pull-request')).toEqual([]);
    expect(read.body).toMatchObject({ head: { sha: after, ref: 'policy' }, commits: 2, changed_files: 1 });
    const listed = (await bot('GET', `${base}/pulls`)).body as object[];
    expect(listed.flatMap((one) => findSchemaFaults(one, 'pull-request-simple'))).toEqual([]);
    expect((await bot('GET', `${base}/git/ref/pull/${pull.number}/head`)).body).toMatchObject({
      object: { sha: after },
    });
  });

  test('list the files that they change since the common commit with the base', async () => {
    const { pull } = await opened('changes');
    emulator.testControl.push({ by: 'mona', path: 'elsewhere.txt', content: 'on main' });
    const files = await bot('GET', `${base}/pulls/${pull.number}/files`);
    expect((files.body as object[]).flatMap((file) => findSchemaFaults(file, 'diff-entry'))).toEqual([]);
    expect(files.body).toMatchObject([
      { filename: path, status: 'added', additions: 1, deletions: 0, patch: '@@ -0,0 +1 @@\n+# changes' },
    ]);
  });

  test('are issues, too: listed, commented on, closed', async () => {
    const { pull } = await opened('talk');
    expect(pull.html_url).toMatch(/\/acme\/ops\/pull\/\d+$/);
    const issue = await bot('GET', `${base}/issues/${pull.number}`);
    expect(findSchemaFaults(issue.body, 'issue')).toEqual([]);
    expect(issue.body).toMatchObject({ html_url: pull.html_url, pull_request: { html_url: pull.html_url } });
    await mona('POST', `${base}/issues/${pull.number}/comments`, { body: '/help' });
    const commented = await hook.next();
    expect(findSchemaFaults(commented.payload, 'webhook-issue-comment-created')).toEqual([]);
    expect(commented.payload).toMatchObject({
      issue: { number: pull.number, pull_request: { html_url: pull.html_url } },
      comment: { html_url: expect.stringContaining(`/pull/${pull.number}#issuecomment-`) },
    });
    await mona('PATCH', `${base}/issues/${pull.number}`, { state: 'closed' });
    const closed = await hook.next();
    expect([closed.headers['x-github-event'], closed.payload.action]).toEqual(['pull_request', 'closed']);
    expect((await bot('GET', `${base}/pulls?state=closed`)).body).toMatchObject([{ number: pull.number }]);
    push('talk', 'version: 3\n');
    expect((await bot('GET', `${base}/pulls/${pull.number}`)).body).toMatchObject({
      head: { sha: pull.head.sha },
    });
  });

  test('can come from forks of people with read access', async () => {
    const sha = push('fix', 'version: 4\n', { by: 'rhea', fork: true });
    const answer = await open(rhea, 'rhea:fix');
    const { head } = answer.body as Pull;
    expect([answer.status, findSchemaFaults(answer.body, 'pull-request')]).toEqual([201, []]);
    expect(head).toMatchObject({ sha, label: 'rhea:fix', repo: { full_name: 'rhea/ops', fork: true } });
    expect(head.repo.id).not.toBe(((await bot('GET', base)).body as { id: number }).id);
    expectEvent(await hook.next(), 'pull_request', 'pull-request-opened');
    const after = push('fix', 'version: 5\n', { by: 'rhea', fork: true });
    expect((await hook.next()).payload).toMatchObject({ action: 'synchronize', after });
    expect((await bot('GET', `${base}/git/ref/heads/fix`)).status).toBe(404);
  });

  test.each([
    ['from nowhere', 'nothing', 422],
    ['from nobody', 'stranger:x', 422],
    ['without a commit', 'main', 422],
  ])('are not opened %s', async (_what, head, status) => {
    expect((await open(mona, head)).status).toBe(status);
  });

  test('are merged with a merge commit, which closes them', async () => {
    const { pull } = await opened('merged');
    emulator.testControl.push({ by: 'mona', path: 'meanwhile.txt', content: 'on main' });
    const at = `${base}/pulls/${pull.number}`;
    expect((await bot('GET', at)).body).toMatchObject({
      merged: false,
      mergeable: true,
      mergeable_state: 'clean',
    });
    expect((await bot('GET', `${at}/merge`)).status).toBe(404);
    expect((await rhea('PUT', `${at}/merge`, {})).status).toBe(403);
    expect((await mona('PUT', `${at}/merge`, { sha: '0'.repeat(40) })).status).toBe(409);
    const before = (await bot('GET', `${at}/files`)).body;
    const merged = await mona('PUT', `${at}/merge`, { sha: pull.head.sha });
    expect([merged.status, merged.body]).toMatchObject([200, { merged: true, message: expect.any(String) }]);
    const event = await hook.next();
    expect(event.headers['x-github-event']).toBe('pull_request');
    expect(findMissingFields(event.payload, 'pull_request', 'closed')).toEqual([]);
    const { sha } = merged.body as { sha: string };
    expect(event.payload).toMatchObject({
      action: 'closed',
      pull_request: { merged: true, state: 'closed', merge_commit_sha: sha, merged_by: { login: 'mona' } },
    });
    const read = await bot('GET', at);
    expect(findSchemaFaults(read.body, 'pull-request')).toEqual([]);
    expect(read.body).toMatchObject({ merged: true, mergeable: null, commits: 1, changed_files: 1 });
    // The diff stays, although the base now contains the changes.
    expect((await bot('GET', `${at}/files`)).body).toEqual(before);
    expect((await bot('GET', `${at}/merge`)).status).toBe(204);
    expect((await bot('GET', `${base}/commits/main`)).body).toMatchObject({
      sha,
      parents: [{}, { sha: pull.head.sha }],
      commit: { message: `Merge pull request #${pull.number} from acme/merged\n\nFrom merged` },
    });
    for (const file of [path, 'meanwhile.txt'])
      expect((await bot('GET', `${base}/contents/${file}`)).status).toBe(200);
    expect((await mona('PUT', `${at}/merge`, {})).status).toBe(405);
    expect((await mona('PATCH', `${base}/issues/${pull.number}`, { state: 'open' })).status).toBe(422);
  });

  test('are not merged while they have conflicts', async () => {
    const { pull } = await opened('conflict');
    push('main', '# main\n');
    const at = `${base}/pulls/${pull.number}`;
    expect((await bot('GET', at)).body).toMatchObject({ mergeable: false, mergeable_state: 'dirty' });
    expect((await mona('PUT', `${at}/merge`, {})).status).toBe(405);
    expect((await mona('PUT', `${at}/merge`, { merge_method: 'squash' })).status).toBe(405);
    expect((await bot('GET', at)).body).toMatchObject({ state: 'open', merged: false });
  });

  test('are not opened twice, nor from the repository with read access', async () => {
    push('once', 'version: 1\n');
    expect((await open(rhea, 'once')).status).toBe(403);
    expect((await open(mona, 'acme:once')).status).toBe(201);
    expect((await open(mona, 'once')).status).toBe(422);
    await hook.next();
  });

  test('show the check runs of their head', async () => {
    const { pull } = await opened('checked');
    const runs = `${base}/check-runs`;
    const annotation = {
      path,
      start_line: 3,
      end_line: 3,
      annotation_level: 'failure',
      message: 'unknown key',
    };
    const begun = await bot('POST', runs, { name: 'policy', head_sha: pull.head.sha, status: 'in_progress' });
    expect([begun.status, findSchemaFaults(begun.body, 'check-run')]).toEqual([201, []]);
    expect(begun.body).toMatchObject({ pull_requests: [{ number: pull.number }], conclusion: null });
    const { id } = begun.body as Run;
    const ended = await bot('PATCH', `${runs}/${id}`, {
      conclusion: 'failure',
      output: { title: 'One mistake', summary: '`notfy` is unknown', annotations: [annotation] },
    });
    expect([ended.status, findSchemaFaults(ended.body, 'check-run')]).toEqual([200, []]);
    expect(ended.body).toMatchObject({ status: 'completed', completed_at: expect.any(String) });
    const remarks = (await bot('GET', `${runs}/${id}/annotations`)).body as object[];
    expect([remarks, remarks.flatMap((one) => findSchemaFaults(one, 'check-annotation'))]).toMatchObject([
      [annotation],
      [],
    ]);
    await bot('POST', runs, { name: 'policy', head_sha: pull.head.sha, conclusion: 'success' });
    const listed = async (query: string) =>
      (await mona('GET', `${base}/commits/checked/check-runs?${query}`)).body as {
        total_count: number;
        check_runs: Run[];
      };
    expect(await listed('check_name=policy')).toMatchObject({
      total_count: 1,
      check_runs: [{ conclusion: 'success' }],
    });
    expect((await listed('filter=all')).total_count).toBe(2);
    expect((await listed('check_name=other')).total_count).toBe(0);
    expect((await bot('GET', `${runs}/${id}`)).body).toMatchObject({ id, conclusion: 'failure' });
    expect((await mona('POST', runs, { name: 'x', head_sha: pull.head.sha })).status).toBe(403);
    expect((await bot('POST', runs, { name: 'x', head_sha: '0'.repeat(40) })).status).toBe(422);
    expect((await createApiClient(emulator)('GET', `${runs}/${id}`)).status).toBe(404);
  });
});
