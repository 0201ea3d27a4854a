import { LRUCache } from 'lru-cache';
import * as v from 'valibot';
import { truncateMarkdown } from '../markdown/truncate.ts';
import { request, paginate, toOwnerAndRepo, type Octokit } from './api-client.ts';
import type { CheckRun, CheckRuns } from './ports.ts';
import type { Repository } from '../incoming-comment.ts';

const ExistingRun = v.object({
  id: v.number(),
  external_id: v.nullish(v.string(), null),
  app: v.nullish(v.object({ id: v.number() })),
  conclusion: v.nullish(v.string(), null),
  output: v.object({ annotations_count: v.number(), title: v.nullish(v.string(), null) }),
});
const ExistingRuns = v.pipe(
  v.object({ check_runs: v.array(ExistingRun) }),
  v.transform(({ check_runs }) => check_runs),
);

/** An existing check run. `annotated`: whether it has annotations, because GitHub appends the annotations of an update. */
type CachedRun = { id: number; annotated: boolean };

/** The content of an existing check run. */
type FoundRun = Pick<v.InferOutput<typeof ExistingRun>, 'id' | 'conclusion' | 'output'>;

/** GitHub's limits. */
const maxAnnotations = 50;
const maxSummaryLength = 65_535;

/**
 * Returns an adapter that creates and updates check runs.
 * @param app the app's id: only its own runs are updated. Null for a workflow, which does not know its app's id: then runs with the
 * same external id are updated, and GitHub refuses updates of other apps' runs
 */
export const createOctokitCheckRuns = (octokit: Octokit, app: number | null): CheckRuns => {
  const cache = new LRUCache<string, CachedRun>({ max: 5_000 });

  const find = async (repository: Repository, check: CheckRun): Promise<FoundRun | undefined> => {
    const route = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs';
    const runs = paginate(octokit, ExistingRuns, route, {
      ...toOwnerAndRepo(repository.name),
      ref: check.commit,
      check_name: check.name,
      filter: 'all',
    });
    for await (const run of runs) {
      const isOurs = (app === null || run.app?.id === app) && (run.external_id || null) === check.externalId;
      if (isOurs) return run;
    }
    return undefined;
  };

  const put = async (repository: Repository, check: CheckRun): Promise<void> => {
    const key = JSON.stringify([repository.id, check.commit, check.name, check.externalId]);
    const ownerAndRepo = toOwnerAndRepo(repository.name);
    const found = cache.get(key) ?? toCachedRun(await find(repository, check));
    const annotated = (found?.annotated ?? false) || check.annotations.length > 0;
    if (found) {
      cache.delete(key);
      const body = buildBody(check, !found.annotated);
      const route = 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}';
      await octokit.request(route, { ...ownerAndRepo, check_run_id: found.id, ...body });
      cache.set(key, { id: found.id, annotated });
      return;
    }
    const route = 'POST /repos/{owner}/{repo}/check-runs';
    const body = { ...buildBody(check, true), head_sha: check.commit };
    // Not retried: if the response was lost, the next call finds the check run that was created.
    const created = { ...ownerAndRepo, ...body, request: { retries: 0 } };
    const { id } = await request(octokit, v.object({ id: v.number() }), route, created);
    cache.set(key, { id, annotated });
  };
  const isUpToDate = async (repository: Repository, check: CheckRun): Promise<boolean> => {
    const run = await find(repository, check);
    return run !== undefined && run.conclusion === check.conclusion && run.output.title === check.title;
  };
  return { isUpToDate, put };
};

const toCachedRun = (run: FoundRun | undefined): CachedRun | undefined =>
  run && { id: run.id, annotated: run.output.annotations_count > 0 };

const buildBody = (check: CheckRun, withAnnotations: boolean): Record<string, unknown> => ({
  name: check.name,
  ...(check.externalId === null ? {} : { external_id: check.externalId }),
  ...(check.conclusion === null
    ? { status: 'in_progress' }
    : { status: 'completed', conclusion: check.conclusion }),
  output: {
    title: check.title,
    summary: truncateMarkdown(check.summary, maxSummaryLength),
    ...(withAnnotations ? { annotations: check.annotations.slice(0, maxAnnotations).map(toAnnotation) } : {}),
  },
});

const toAnnotation = ({ path, line, message }: CheckRun['annotations'][number]): Record<string, unknown> => ({
  path,
  start_line: line,
  end_line: line,
  annotation_level: 'failure',
  message,
});
