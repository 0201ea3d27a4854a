import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GitHubStandIn } from '../bot/stand-ins/github.ts';
import { commitFiles } from './stage/git-objects.ts';
import { commandsIn, runStep, type Ended } from './stage/step.ts';

/* `mode: validate` reads the policy of the pull request's own head. */

let github: GitHubStandIn;

beforeEach(async () => {
  github = await new GitHubStandIn().open();
});
afterEach(() => github.close());

const validated = (files: Record<string, string>): Promise<Ended> => {
  const sha = commitFiles(github, 'b'.repeat(40), files);
  return runStep({
    inputs: { mode: 'validate' },
    environment: { GITHUB_API_URL: github.url, GITHUB_EVENT_NAME: 'pull_request' },
    event: { pull_request: { head: { sha } } },
  });
};

test('a right policy passes', async () => {
  const ended = await validated({ '.github/coxswain.yml': 'version: 1\n' });
  expect(ended).toMatchObject({ code: 0, said: expect.stringContaining('is right') });
});

test('each mistake is an annotation at its line', async () => {
  const { code, said } = await validated({ '.github/coxswain.yml': 'version: 1\nentrie: app\n' });
  expect(code).toBe(1);
  expect(commandsIn(said).find((line) => line.startsWith('::error'))).toMatch(
    /^::error title=The policy has a mistake,file=\.github\/coxswain\.yml,line=2,col=1::.*entrie/,
  );
});

describe('a policy with approvals', () => {
  const policy = {
    '.github/coxswain.yml': 'version: 1\ntasks: {Deploy: {approval: {from: {permission: admin}}}}\n',
  };
  const hint = /^::warning::.*`\.github\/CODEOWNERS`/m;

  test('that nobody owns passes with a warning', async () => {
    const { code, said } = await validated(policy);
    expect(code).toBe(0);
    expect(said).toMatch(hint);
  });

  test('that somebody owns passes', async () => {
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

  test('passes while GitHub does not say who owns it', async () => {
    github.fail(/CODEOWNERS/, 403, 'Resource not accessible by integration');
    const { code, said } = await validated(policy);
    expect([code, said]).toEqual([0, expect.not.stringMatching(hint)]);
  });
});

test.each([{ 'readme.md': 'Read me.' }, { '.github/other.yml': 'version: 1\n' }])(
  'without a policy there is nothing wrong: %j',
  async (files) => {
    const ended = await validated(files);
    expect(ended).toMatchObject({ code: 0, said: expect.stringContaining('the defaults hold') });
  },
);
