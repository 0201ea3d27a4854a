import { expect, test } from '@jest/globals';
import { WriteRefusedError } from '../../../chatops/github/ports.ts';
import { createOctokitVisibility } from '../../../chatops/github/visibility.ts';
import { createFakeOctokit } from '../../fakes/octokit.ts';

const repository = { id: 5, name: 'acme/ops' };

test('a repository is asked about once in a while', async () => {
  const octokit = createFakeOctokit({ 'GET /repos/{owner}/{repo}': () => ({ id: 5, private: false }) });
  const visibility = createOctokitVisibility(octokit);
  await expect(visibility.isPublic(repository)).resolves.toBe(true);
  await expect(visibility.isPublic(repository)).resolves.toBe(true);
  expect(octokit.calls).toEqual([
    { route: 'GET /repos/{owner}/{repo}', parameters: { owner: 'acme', repo: 'ops' } },
  ]);
});

test('a private one', async () => {
  const visibility = createOctokitVisibility(
    createFakeOctokit({ 'GET /repos/{owner}/{repo}': () => ({ id: 5, private: true }) }),
  );
  await expect(visibility.isPublic(repository)).resolves.toBe(false);
});

test('a name that means another repository now is refused', async () => {
  const visibility = createOctokitVisibility(
    createFakeOctokit({ 'GET /repos/{owner}/{repo}': () => ({ id: 6, private: false }) }),
  );
  await expect(visibility.isPublic(repository)).rejects.toThrow(WriteRefusedError);
});

test('a repository that is known lends its id to no other name', async () => {
  const octokit = createFakeOctokit({
    'GET /repos/{owner}/{repo}': (asked) => ({ id: asked['repo'] === 'ops' ? 5 : 6, private: false }),
  });
  const visibility = createOctokitVisibility(octokit);
  await expect(visibility.isPublic(repository)).resolves.toBe(true);
  await expect(visibility.isPublic({ id: 5, name: 'acme/secret' })).rejects.toThrow(WriteRefusedError);
});

test('one that is gone is refused', async () => {
  await expect(createOctokitVisibility(createFakeOctokit({})).isPublic(repository)).rejects.toThrow(
    WriteRefusedError,
  );
});
