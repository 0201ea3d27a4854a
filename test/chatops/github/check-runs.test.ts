import { expect, test } from '@jest/globals';
import { createOctokitCheckRuns } from '../../../chatops/github/check-runs.ts';
import type { CheckRun } from '../../../chatops/github/ports.ts';
import { serveGitHubApi } from '../../fakes/github-api.ts';

const repository = { id: 1, name: 'acme/ops' };
const commit = 'c'.repeat(40);
const list = `GET /repos/acme/ops/commits/${commit}/check-runs?check_name=coxswain&filter=all&per_page=100&page=1`;
const create = 'POST /repos/acme/ops/check-runs';
const check: CheckRun = {
  name: 'coxswain',
  commit,
  conclusion: 'success',
  title: 'Done',
  summary: 'All of it.',
  annotations: [],
  externalId: 'job-1',
};
const run = (id: number, app: number, external_id: string) => ({
  id,
  external_id,
  app: { id: app },
  output: { annotations_count: 0 },
});

test('a run of another app, or about another job, is left alone', async () => {
  const check_runs = [run(1, 15_368, 'job-1'), run(2, 77, 'job-2'), run(3, 77, '')];
  await using github = await serveGitHubApi({
    [list]: { status: 200, body: { total_count: 3, check_runs } },
    [create]: { status: 201, body: { id: 4 } },
  });
  await createOctokitCheckRuns(github.octokit, 77).put(repository, check);
  expect(github.asked).toEqual([list, create]);
  expect(github.bodies).toEqual([
    {
      name: 'coxswain',
      external_id: 'job-1',
      head_sha: commit,
      status: 'completed',
      conclusion: 'success',
      output: { title: 'Done', summary: 'All of it.', annotations: [] },
    },
  ]);
});

test('a run that cannot be updated is looked for again the next time', async () => {
  const update = 'PATCH /repos/acme/ops/check-runs/4';
  await using github = await serveGitHubApi({
    [list]: { status: 200, body: { total_count: 0, check_runs: [] } },
    [create]: { status: 201, body: { id: 4 } },
  });
  const checks = createOctokitCheckRuns(github.octokit, 77);
  await checks.put(repository, check);
  await expect(checks.put(repository, check)).rejects.toMatchObject({ status: 404 });
  await checks.put(repository, check);
  expect(github.asked).toEqual([list, create, update, list, create]);
});
