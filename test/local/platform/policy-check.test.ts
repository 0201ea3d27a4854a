import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { GitHubEmulator } from '../../../local/github-emulator/github-emulator.ts';
import { openPolicyCheck } from '../../../local/platform/policy-check.ts';
import { Releases } from '../../../runtime/lifecycle.ts';
import { createLogger } from '../../../runtime/log.ts';
import {
  createApiClient,
  createTemporaryFolder,
  openTestEmulator,
  readFormToken,
  signIn,
  type ApiAnswer,
} from '../../fixtures/github-emulator.ts';

/* The page of the policy, with the reader of the bot. */
describe('the page of the policy', () => {
  const { folder, remove } = createTemporaryFolder();
  const releases = new Releases();
  let emulator: GitHubEmulator;
  let visit: (method: 'GET' | 'POST', path: string, fields?: Record<string, string>) => Promise<ApiAnswer>;
  let token = '';
  const page = '/acme/ops/blob/main/.github/coxswain.yml';
  const check = '/acme/ops/check/main/.github/coxswain.yml';
  const wrong = 'version: 1\n\nrunn: {}\n';

  beforeAll(async () => {
    const fileCheck = openPolicyCheck(releases, createLogger('sandbox', 'silent'));
    emulator = await openTestEmulator(folder, undefined, { fileCheck });
    const cookie = await signIn(emulator);
    visit = (method, path, fields) =>
      createApiClient(emulator)(
        method,
        emulator.url + path,
        fields && String(new URLSearchParams({ token, ...fields })),
        {
          cookie,
          ...(fields && { 'content-type': 'application/x-www-form-urlencoded' }),
        },
      );
    token = readFormToken(await visit('GET', page));
  });
  afterAll(async () => {
    await emulator.close();
    await releases.end();
    remove();
  });

  const commit = (fields: Record<string, string>) =>
    visit('POST', page, { as: 'mona', message: 'Begin', to: 'branch', sha: '', body: wrong, ...fields });

  test('shows the problems of a text with their lines, before it is committed', async () => {
    const { status, text } = await visit('POST', check, { body: wrong });
    expect(status).toBe(200);
    expect(text).toMatch(/The file has a problem:.*<strong>Line 3<\/strong>: .*runn/s);
    expect((await visit('POST', check, { body: 'version: 1\n' })).text).toContain('The file is valid.');
    expect((await visit('POST', check, { body: `x: ${'[\\'.repeat(5_000)}` })).text).toContain('Line 1');
  });

  test('checks only the policy', async () => {
    expect((await visit('POST', check.replace('coxswain', 'other'), { body: wrong })).text).not.toContain(
      'problem:',
    );
  });

  test('asks before it commits a policy with problems, and loses nothing', async () => {
    const asked = await commit({});
    expect(asked.status).toBe(422);
    expect(asked.text).toContain(`autocomplete="off" aria-describedby="problems"`);
    expect(asked.text).toContain('\nrunn: {}\n</textarea>');
    expect(asked.text).toContain('value="Begin"');
    expect(asked.text).toContain('name="anyway"');
    expect((await visit('GET', page)).text).toContain('This file does not exist yet');
    expect((await commit({ anyway: 'yes' })).status).toBe(303);
    expect((await visit('GET', page)).text).toContain('runn: {}');
  });

  test('accepts a wrong policy as a pull request, which the app checks', async () => {
    const [, sha = ''] = /name="sha" value="([^"]*)"/.exec((await visit('GET', page)).text) ?? [];
    const answer = await commit({ sha, to: 'pull', body: 'version: 7\n' });
    expect(answer.headers.get('location')).toMatch(/\/pull\/\d+$/);
  });
});
