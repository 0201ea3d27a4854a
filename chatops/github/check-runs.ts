import { LRUCache } from 'lru-cache';
import * as v from 'valibot';
import { cutMarkdown } from '../markdown/truncate.ts';
import { ask, listed, ownerAndName, type Octokit } from './api-client.ts';
import type { Check, Checks, Repository } from './ports.ts';

const Run = v.object({
  id: v.number(),
  external_id: v.nullish(v.string(), null),
  app: v.nullish(v.object({ id: v.number() })),
  conclusion: v.nullish(v.string(), null),
  output: v.object({ annotations_count: v.number(), title: v.nullish(v.string(), null) }),
});
const Runs = v.pipe(
  v.object({ check_runs: v.array(Run) }),
  v.transform(({ check_runs }) => check_runs),
);

/** A check run that is there, and whether it has annotations: GitHub adds those of an update to those that it has. */
type Known = { id: number; annotated: boolean };

/** The content of an existing check run. */
type Shown = Pick<v.InferOutput<typeof Run>, 'id' | 'conclusion' | 'output'>;

/** What GitHub takes. */
const mostAnnotations = 50;
const longestSummary = 65_535;

/**
 * Check runs on commits.
 * @param app the app's id: only its own runs are updated. Null for a workflow, which does not know it: then those that name the
 * same job, and GitHub refuses those of others
 */
export const octokitChecks = (octokit: Octokit, app: number | null): Checks => {
  const known = new LRUCache<string, Known>({ max: 5_000 });

  const find = async (repository: Repository, check: Check): Promise<Shown | undefined> => {
    const route = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs';
    const runs = listed(octokit, Runs, route, {
      ...ownerAndName(repository.name),
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

  const put = async (repository: Repository, check: Check): Promise<void> => {
    const key = JSON.stringify([repository.id, check.commit, check.name, check.externalId]);
    const place = ownerAndName(repository.name);
    const found = known.get(key) ?? knownAs(await find(repository, check));
    const annotated = (found?.annotated ?? false) || check.annotations.length > 0;
    if (found) {
      known.delete(key);
      const body = bodyOf(check, !found.annotated);
      const route = 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}';
      await octokit.request(route, { ...place, check_run_id: found.id, ...body });
      known.set(key, { id: found.id, annotated });
      return;
    }
    const route = 'POST /repos/{owner}/{repo}/check-runs';
    const body = { ...bodyOf(check, true), head_sha: check.commit };
    // Sent once: after an answer that was lost, the next call finds what was created.
    const created = { ...place, ...body, request: { retries: 0 } };
    const { id } = await ask(octokit, v.object({ id: v.number() }), route, created);
    known.set(key, { id, annotated });
  };
  const isShown = async (repository: Repository, check: Check): Promise<boolean> => {
    const run = await find(repository, check);
    return run !== undefined && run.conclusion === check.conclusion && run.output.title === check.title;
  };
  return { isShown, put };
};

const knownAs = (run: Shown | undefined): Known | undefined =>
  run && { id: run.id, annotated: run.output.annotations_count > 0 };

const bodyOf = (check: Check, withAnnotations: boolean): Record<string, unknown> => ({
  name: check.name,
  ...(check.externalId === null ? {} : { external_id: check.externalId }),
  ...(check.conclusion === null
    ? { status: 'in_progress' }
    : { status: 'completed', conclusion: check.conclusion }),
  output: {
    title: check.title,
    summary: cutMarkdown(check.summary, longestSummary),
    ...(withAnnotations ? { annotations: check.annotations.slice(0, mostAnnotations).map(annotation) } : {}),
  },
});

const annotation = ({ path, line, message }: Check['annotations'][number]): Record<string, unknown> => ({
  path,
  start_line: line,
  end_line: line,
  annotation_level: 'failure',
  message,
});
