import { expect, test } from '@jest/globals';
import { checkPolicy } from '../../../bot/policy-check/check-policy.ts';
import { readPolicy } from '../../../chatops/policy/index.ts';
import type { Octokit } from '../../../chatops/github/api-client.ts';
import type { CheckRun, CodeOwners, FileAnswer, Files } from '../../../chatops/github/ports.ts';

const pull = {
  repository: { id: 501, name: 'acme/ops' },
  number: 5,
  head: 'a'.repeat(40),
  installation: 3,
  author: 11,
  isAffiliated: false,
};
const policyFile = '.github/coxswain.yml';
type Changed = { filename: string; status: string; previous_filename?: string };

/** Whether somebody owns the policy, on the default branch (`main`) and at the pull request's head. */
type Owned = Record<'main' | 'head', boolean | undefined>;

/** Checks a pull request that changes such files; what was put on it, and what was asked. */
const look = async (
  files: Changed[],
  file: FileAnswer = { outcome: 'read', text: 'version: 1\n' },
  owned: Owned = { main: false, head: false },
) => {
  const askedOwners: unknown[] = [];
  const codeOwners: CodeOwners = {
    hasPolicyOwner: async (_repository, commit) => {
      askedOwners.push(commit ?? 'main');
      return commit === undefined ? owned.main : owned.head;
    },
  };
  const put: CheckRun[] = [];
  const asked: unknown[] = [];
  const octokit: Octokit = {
    request: async (_route, { page, per_page: size } = {}) => {
      const [from, many] = [(Number(page) - 1) * Number(size), Number(size)];
      return { data: files.slice(from, from + many) };
    },
  };
  const read: Files['read'] = async (...what) => (asked.push(what.slice(1, 3)), file);
  const outcome = await checkPolicy(pull, {
    octokit,
    files: { read } as Files,
    codeOwners,
    readPolicy: async (text) => readPolicy(text),
    checks: { put: async (_repository, check) => void put.push(check) },
  });
  return { outcome, put, asked, askedOwners };
};

const changed = { filename: policyFile, status: 'modified' };
const others = Array.from({ length: 250 }, (_, n) => ({ filename: `src/${n}.ts`, status: 'added' }));

test('a pull request that leaves the policy alone gets no check', async () => {
  expect(await look(others)).toMatchObject({ outcome: 'policy-unchanged', put: [], asked: [] });
});

test('a policy that is right, at the pull request’s head, however many files there are', async () => {
  const { put, asked } = await look([...others, changed]);
  expect(asked).toEqual([[policyFile, pull.head]]);
  expect(put).toMatchObject([
    { name: 'coxswain policy', commit: pull.head, conclusion: 'success', annotations: [] },
  ]);
});

test('mistakes are reported at their lines', async () => {
  const text = 'version: 1\nprefix: {nam: cox}\nthreads: {issues: perhaps}\n';
  const { outcome, put } = await look([changed], { outcome: 'read', text });
  expect(outcome).toBe('policy-wrong');
  expect(put).toMatchObject([{ conclusion: 'failure', title: 'The policy has 2 problems' }]);
  expect(put[0]?.annotations.map(({ path, line }) => [path, line])).toEqual([
    [policyFile, 2],
    [policyFile, 3],
  ]);
});

test('a policy that is no file is wrong', async () => {
  const { put } = await look([changed], { outcome: 'symlink', bytes: 7 });
  expect(put).toMatchObject([{ conclusion: 'failure', annotations: [{ line: 1 }] }]);
});

test.each([
  [{ filename: policyFile, status: 'removed' }],
  [{ filename: 'old.yml', previous_filename: policyFile, status: 'renamed' }],
])('a policy that goes away: %j', async (change) => {
  const { put, asked } = await look([change]);
  expect(asked).toEqual([]);
  expect(put).toMatchObject([{ conclusion: 'success', title: 'The policy is removed' }]);
});

const approved: FileAnswer = {
  outcome: 'read',
  text: 'version: 1\ntasks: {Deploy: {approval: {from: {permission: maintain}}}}\n',
};

test.each<[string, Owned, string[], boolean]>([
  ['owned by nobody', { main: false, head: false }, ['main', pull.head], true],
  ['owned on the default branch', { main: true, head: false }, ['main'], false],
  ['to be owned with this pull request', { main: false, head: true }, ['main', pull.head], false],
  ['whose owners are not known', { main: undefined, head: false }, ['main'], false],
  ['whose owners at the head are not known', { main: false, head: undefined }, ['main', pull.head], false],
])('a policy with an approval, %s', async (_what, owned, asked, isHinted) => {
  const { outcome, put, askedOwners } = await look([changed], approved, owned);
  expect([outcome, put[0]?.conclusion]).toEqual(['policy-right', 'success']);
  expect(askedOwners).toEqual(asked);
  expect(put[0]?.summary.includes('`.github/CODEOWNERS`')).toBe(isHinted);
});

test.each<[string, FileAnswer]>([
  ['without an approval', { outcome: 'read', text: 'version: 1\n' }],
  ['with a mistake', { outcome: 'read', text: `${approved.text}nonsense: 1\n` }],
])('nobody asks for the owners of a policy %s', async (_what, file) => {
  const { put, askedOwners } = await look([changed], file);
  expect(askedOwners).toEqual([]);
  expect(put[0]?.summary).not.toContain('CODEOWNERS');
});
