import type { ReplyMarker } from '../../../chatops/github/reply-marker.ts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ProbotOctokit } from 'probot';
import type { GitHubEmulator } from '../../../local/github-emulator/github-emulator.ts';
import { createOctokitCheckRuns } from '../../../chatops/github/check-runs.ts';
import { createOctokitCodeOwners } from '../../../chatops/github/code-owners.ts';
import { createOctokitFiles } from '../../../chatops/github/files.ts';
import { createAppIdentity } from '../../../chatops/github/identity.ts';
import { ReplyCache } from '../../../chatops/github/reply-cache.ts';
import { createOctokitPermissions } from '../../../chatops/github/permissions.ts';
import { createPolicyLoader } from '../../../chatops/github/policy-loader.ts';
import type { CheckRun, Thread } from '../../../chatops/github/ports.ts';
import { createOctokitThread } from '../../../chatops/github/thread.ts';
import {
  app,
  createUserClient,
  openTestEmulator,
  createTemporaryFolder,
  type ApiClient,
} from '../../fixtures/github-emulator.ts';

/* The adapters on the embedded GitHub: what can be done. What may not is never proven here. */

const base = '/repos/acme/ops';

type Content = Parameters<GitHubEmulator['testControl']['push']>[0]['content'];
type Run = {
  status: string;
  conclusion: string | null;
  external_id: string;
  output: { title: string; annotations_count: number };
};

describe('on the embedded GitHub', () => {
  const { folder, remove } = createTemporaryFolder();
  let sandbox: GitHubEmulator;
  let octokit: ProbotOctokit;
  let mona: ApiClient;
  let repository: { id: number; name: string };

  const push = (path: string, content: Content): string =>
    sandbox.testControl.push({ by: 'mona', path, content });

  const octokitOf = (auth: object): ProbotOctokit =>
    new ProbotOctokit({
      baseUrl: `${sandbox.url}/api/v3`,
      auth: { appId: app.id, privateKey: app.privateKey, ...auth },
      throttle: { enabled: false },
      retry: { enabled: false },
    });

  const threadOf = (): Thread => {
    const identity = createAppIdentity(app.id, octokitOf({}));
    const ref = { repository, number: sandbox.issue, kind: 'issue' as const };
    return createOctokitThread(ref, { octokit, identity, replyCache: new ReplyCache() });
  };

  beforeAll(async () => {
    sandbox = await openTestEmulator(folder);
    octokit = octokitOf({ installationId: sandbox.installation });
    mona = createUserClient(sandbox, 'maintain');
    repository = { id: ((await mona('GET', base)).body as { id: number }).id, name: 'acme/ops' };
  });
  afterAll(async () => {
    await sandbox.close();
    remove();
  });

  test('a policy: none, read, the same, changed, broken', async () => {
    const policies = createPolicyLoader(octokit);
    await expect(policies.load(repository)).resolves.toMatchObject({ state: 'none', commit: null });
    const first = push('.github/coxswain.yml', 'version: 1\nchecks: true\n');
    const read = await policies.load(repository);
    expect(read).toMatchObject({ state: 'read', policy: { checks: true }, commit: first });
    push('other.txt', 'x');
    await expect(policies.load(repository)).resolves.toBe(read);
    const second = push('.github/coxswain.yml', 'version: 1\nchecks: yes\n');
    await expect(policies.load(repository)).resolves.toMatchObject({
      state: 'broken',
      mistakes: [{ line: 2, column: 9, path: 'checks' }],
      commit: second,
    });
    sandbox.testControl.push({
      by: 'mona',
      branch: 'try',
      path: '.github/coxswain.yml',
      content: 'version: 1\n',
    });
    await expect(policies.load(repository)).resolves.toMatchObject({ state: 'broken', commit: second });
  });

  test('owners of the policy, on the default branch and at a commit', async () => {
    const owners = createOctokitCodeOwners(octokit);
    await expect(owners.hasPolicyOwner(repository)).resolves.toBe(false);
    const path = 'docs/CODEOWNERS';
    const branch = sandbox.testControl.push({
      by: 'mona',
      branch: 'owned',
      path,
      content: '*.yml @acme/ops\n',
    });
    await expect(owners.hasPolicyOwner(repository)).resolves.toBe(false);
    await expect(owners.hasPolicyOwner(repository, branch)).resolves.toBe(true);
    push(path, '*.yml @acme/ops\n');
    await expect(owners.hasPolicyOwner(repository)).resolves.toBe(true);
    push('.github/CODEOWNERS', '* @acme/ops\n.github/\n');
    await expect(owners.hasPolicyOwner(repository)).resolves.toBe(false);
    push('.github/CODEOWNERS', '/.github/coxswain.yml mona@example.com\n');
    await expect(owners.hasPolicyOwner(repository)).resolves.toBe(true);
  });

  test('files, and paths that are not files', async () => {
    const files = createOctokitFiles(octokit);
    const lfs = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n';
    push('data/in puts.jsonl', '{"a":"ä"}\n');
    push('data/link', { link: 'in puts.jsonl' });
    push('away', { link: 'data' });
    push('module', { submodule: 'a'.repeat(40) });
    push('data/large.bin', lfs);
    push('data/binary', Buffer.from([1, 0, 2]));
    push('data/latin1', Buffer.from([0x61, 0xe4]));
    const head = push('data/long', 'x'.repeat(101));
    await expect(files.getDefaultHead(repository)).resolves.toBe(head);
    const outcomes = async (path: string, commit = head) => files.read(repository, path, commit, 100);
    await expect(outcomes('data/in puts.jsonl')).resolves.toEqual({ outcome: 'read', text: '{"a":"ä"}\n' });
    await expect(outcomes('data')).resolves.toMatchObject({ outcome: 'folder' });
    await expect(outcomes('data/link')).resolves.toMatchObject({ outcome: 'symlink' });
    await expect(outcomes('away/in puts.jsonl')).resolves.toMatchObject({ outcome: 'symlink' });
    await expect(outcomes('module')).resolves.toMatchObject({ outcome: 'submodule' });
    await expect(outcomes('module/file')).resolves.toMatchObject({ outcome: 'submodule' });
    await expect(outcomes('data/large.bin')).resolves.toEqual({ outcome: 'lfs-pointer', bytes: lfs.length });
    await expect(outcomes('data/binary')).resolves.toEqual({ outcome: 'not-text', bytes: 3 });
    await expect(outcomes('data/latin1')).resolves.toEqual({ outcome: 'not-text', bytes: 2 });
    await expect(outcomes('data/long')).resolves.toEqual({ outcome: 'too-large', bytes: 101 });
    await expect(outcomes('data/nothing')).resolves.toMatchObject({ outcome: 'not-found' });
    await expect(outcomes('data', 'f'.repeat(40))).resolves.toMatchObject({ outcome: 'not-found' });
  });

  test('a pull request’s head, and its file as it was at a commit', async () => {
    const files = createOctokitFiles(octokit);
    const branch = { by: 'mona', branch: 'feature/inputs', path: 'inputs.jsonl' };
    const before = sandbox.testControl.push({ ...branch, content: '1\n' });
    const after = sandbox.testControl.push({ ...branch, content: '2\n' });
    const opened = await mona('POST', `${base}/pulls`, {
      title: 'Inputs',
      head: 'feature/inputs',
      base: 'main',
    });
    await expect(files.getPullHead(repository, (opened.body as { number: number }).number)).resolves.toBe(
      after,
    );
    await expect(files.read(repository, 'inputs.jsonl', before, 100)).resolves.toEqual({
      outcome: 'read',
      text: '1\n',
    });
  });

  test('one check run per name and subject, updated by later calls', async () => {
    const commit = push('checked.txt', 'x');
    const check: CheckRun = {
      name: 'coxswain / policy',
      commit,
      conclusion: null,
      title: 'At work',
      summary: 'x'.repeat(70_000),
      annotations: [],
      externalId: null,
    };
    const runs = async (): Promise<Run[]> => {
      const { body } = await mona('GET', `${base}/commits/${commit}/check-runs?filter=all`);
      return (body as { check_runs: Run[] }).check_runs;
    };
    const annotations = Array.from({ length: 60 }, (_, n) => ({ path: 'a.yml', line: n + 1, message: 'no' }));
    const done: CheckRun = { ...check, conclusion: 'failure', title: 'Done', annotations };
    const checks = createOctokitCheckRuns(octokit, app.id);
    await checks.put(repository, check);
    expect(await runs()).toMatchObject([{ status: 'in_progress', conclusion: null }]);
    await checks.put(repository, done);
    await createOctokitCheckRuns(octokit, app.id).put(repository, done);
    await checks.put(repository, { ...check, externalId: 'job-1', conclusion: 'success' });
    const [job, policy, ...others] = await runs();
    expect(job).toMatchObject({ external_id: 'job-1', conclusion: 'success' });
    expect(policy).toMatchObject({ status: 'completed', conclusion: 'failure', output: { title: 'Done' } });
    // GitHub adds annotations to those that there are: they are sent once.
    expect(policy?.output.annotations_count).toBe(50);
    expect(others).toEqual([]);
  });

  test('a member of a team, and a level', async () => {
    const permissions = createOctokitPermissions(octokit);
    const person = { id: 101, login: 'mona' };
    await expect(permissions.getMembership('acme/ops', person)).resolves.toBe('member');
    await expect(permissions.getLevel(repository, person)).resolves.toBe('maintain');
  });

  test('our comments by their marker, and our reactions', async () => {
    const thread = threadOf();
    const comments = `${base}/issues/${sandbox.issue}/comments`;
    const written = await mona('POST', comments, { body: '/help' });
    const { id, created_at: createdAt } = written.body as { id: number; created_at: string };
    const body = `hello\n\n<!-- coxswain {"v":1,"comment":${id},"jobs":[],"state":"0a1b2c3d"} -->`;
    await mona('POST', comments, { body });
    const about = (marker: ReplyMarker): boolean => marker.comment === id;
    await expect(thread.findOwnComment(createdAt, about)).resolves.toBeUndefined();
    const reply = await thread.create(body);
    await expect(thread.findOwnComment(createdAt, about)).resolves.toEqual(reply);
    await expect(thread.findOwnComment(createdAt, () => false)).resolves.toBeUndefined();
    await mona('POST', `${base}/issues/comments/${id}/reactions`, { content: 'eyes' });
    await expect(thread.hasReacted(id)).resolves.toBe(false);
    await thread.react(id, 'eyes');
    await expect(thread.hasReacted(id)).resolves.toBe(true);
  });
});
