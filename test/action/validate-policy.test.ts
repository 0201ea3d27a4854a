import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { ActionInputs } from '../../action/inputs/inputs.ts';
import { readRunnerContext } from '../../action/step/runner-context.ts';
import { validatePolicy } from '../../action/validate-policy.ts';
import { FakeGitHub } from '../fakes/fake-github.ts';
import { addCommit } from '../fixtures/action/git-commit.ts';
import {
  findCommands,
  runnerVariables,
  runStep,
  type FinishedStep,
} from '../fixtures/action/step-process.ts';

/* `mode: validate` reads the policy of the pull request's own head. */

let github: FakeGitHub;

beforeEach(async () => {
  github = await new FakeGitHub().open();
});
afterEach(() => github.close());

const validated = (files: Record<string, string>): Promise<FinishedStep> => {
  const sha = addCommit(github, 'b'.repeat(40), files);
  return runStep({
    inputs: { mode: 'validate' },
    environment: { GITHUB_API_URL: github.url, GITHUB_EVENT_NAME: 'pull_request' },
    event: { pull_request: { head: { sha } } },
  });
};

test('a valid policy passes', async () => {
  const ended = await validated({ '.github/coxswain.yml': 'version: 1\n' });
  expect(ended).toMatchObject({ code: 0, said: expect.stringContaining('is valid') });
});

test('each error is an annotation at its line', async () => {
  const { code, said } = await validated({ '.github/coxswain.yml': 'version: 1\nentrie: app\n' });
  expect(code).toBe(1);
  expect(findCommands(said).find((line) => line.startsWith('::error'))).toMatch(
    /^::error title=Invalid policy,file=\.github\/coxswain\.yml,line=2,col=1::.*entrie/,
  );
});

describe('a policy with approvals', () => {
  const policy = {
    '.github/coxswain.yml': 'version: 1\ntasks: {Deploy: {approval: {from: {permission: admin}}}}\n',
  };
  const hint = /^::warning::.*`\.github\/CODEOWNERS`/m;

  test('without a code owner passes with a warning', async () => {
    const { code, said } = await validated(policy);
    expect(code).toBe(0);
    expect(said).toMatch(hint);
  });

  test('with a code owner passes', async () => {
    const content = Buffer.from('* @acme/ops\n');
    github.more.set('GET /repos/acme/ops/contents/docs/CODEOWNERS', {
      type: 'file',
      size: content.length,
      encoding: 'base64',
      content: content.toString('base64'),
    });
    const { code, said } = await validated(policy);
    expect(code).toBe(0);
    expect(said).not.toMatch(hint);
  });

  test('passes if GitHub does not provide the code owners', async () => {
    github.fail(/CODEOWNERS/, 403, 'Resource not accessible by integration');
    const { code, said } = await validated(policy);
    expect([code, said]).toEqual([0, expect.not.stringMatching(hint)]);
  });
});

test('a policy that is larger than cheap, or has patterns, is read in another process', async () => {
  const patterns = 'version: 1\ncompute: {parameters: {algorithm: {pattern: "[a-z]+"}}}\n';
  expect(await validated({ '.github/coxswain.yml': patterns })).toMatchObject({ code: 0 });
  const { code, said } = await validated({
    '.github/coxswain.yml': `version: 1\nusers: [${'-,'.repeat(30_000)}]\n`,
  });
  expect(code).toBe(1);
  expect(findCommands(said).filter((line) => line.startsWith('::error'))).toHaveLength(10);
});

test.each([
  [
    'many aliases',
    'x: &x a\ny: [*x*]'.replace('*x*', '*x,'.repeat(200)),
    'at most 100 aliases',
    '200 aliases',
  ],
  [
    'a large pattern',
    'compute: {parameters: {algorithm: {pattern: "a{1000}b{1000}c{1000}d{1000}e{1000}f{1000}"}}}',
    'at most 5000 instructions',
    '6002 instructions',
  ],
])(
  'a policy over a limit fails with the limit and what was received: %s',
  async (_what, text, limit, received) => {
    const { code, said } = await validated({ '.github/coxswain.yml': `version: 1\n${text}\n` });
    expect(code).toBe(1);
    const [line = ''] = findCommands(said).filter((one) => one.startsWith('::error'));
    expect(line).toContain(limit);
    expect(line).toContain(`Received ${received}.`);
  },
);

test('a policy that takes too long fails with the limit', async () => {
  const slow = `version: 1\nx: [${'a,'.repeat(19_000)}]\n`;
  addCommit(github, 'a'.repeat(40), { '.github/coxswain.yml': slow });
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-validate-'));
  const path = join(folder, 'event.json');
  await writeFile(path, '{}');
  process.env['GITHUB_API_URL'] = github.url;
  const { signal } = new AbortController();
  const deadline = {
    signal,
    getCause: () => undefined,
    getRemaining: () => 60_000,
    createCallSignal: () => signal,
  };
  const printed: string[] = [];
  const write = jest
    .spyOn(process.stdout, 'write')
    .mockImplementation((text) => printed.push(String(text)) > 0);
  try {
    const runner = readRunnerContext({ ...runnerVariables, GITHUB_EVENT_PATH: path });
    const step = { inputs: { 'github-token': 'ghs_test' } as ActionInputs, runner, deadline };
    expect(await validatePolicy(step, { maxMilliseconds: 1, maxMegabytes: 192 })).toBe(1);
  } finally {
    write.mockRestore();
    delete process.env['GITHUB_API_URL'];
    await rm(folder, { recursive: true });
  }
  expect(findCommands(printed.join('')).find((line) => line.startsWith('::error'))).toMatch(
    /^::error .*line=1.*The file takes too long to read%0AExpected at most 0\.001 seconds\.%0AReceived more than 0\.001 seconds\.$/,
  );
});

test.each([{ 'readme.md': 'Read me.' }, { '.github/other.yml': 'version: 1\n' }])(
  'without a policy there is nothing wrong: %j',
  async (files) => {
    const ended = await validated(files);
    expect(ended).toMatchObject({ code: 0, said: expect.stringContaining('the default policy applies') });
  },
);
