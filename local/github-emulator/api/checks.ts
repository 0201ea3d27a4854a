import * as v from 'valibot';

import { repositoryName } from '../accounts.ts';
import { readCommit } from '../git/commit.ts';
import { resolveCommit } from '../git/repository.ts';
import { serializeAnnotation } from '../serializers/check.ts';
import {
  annotationLevels,
  checkConclusions,
  checkStatuses,
  type Annotation,
  type CheckDetails,
  type CheckRunRow,
} from '../store/checks.ts';
import { now } from '../store/database.ts';
import { jsonResponse, notFoundResponse, errorResponse } from './responses.ts';
import { parseBody } from './request-bodies.ts';
import { accountRoute, type ApiRoute, type ApiCall, type ApiContext } from './api-context.ts';
import { listResponse, parsePage } from './pagination.ts';

const base = `/repos/${repositoryName}`;

const text = v.optional(v.string());
const line = v.pipe(v.number(), v.integer(), v.minValue(1));
const annotation = v.object({
  path: v.string(),
  start_line: line,
  end_line: line,
  start_column: v.optional(line),
  end_column: v.optional(line),
  annotation_level: v.picklist(annotationLevels),
  message: v.string(),
  title: text,
  raw_details: text,
});
const details = {
  status: v.optional(v.picklist(checkStatuses)),
  conclusion: v.optional(v.picklist(checkConclusions)),
  started_at: text,
  completed_at: text,
  details_url: text,
  external_id: text,
  output: v.optional(
    v.object({
      title: text,
      summary: v.string(),
      text,
      // GitHub accepts 50 per call; those of later calls are added.
      annotations: v.optional(v.pipe(v.array(annotation), v.maxLength(50)), []),
    }),
  ),
};
const newRun = v.object({ name: v.string(), head_sha: v.string(), ...details });
const runEdit = v.object({ name: text, ...details });
type RunEdit = v.InferOutput<typeof runEdit>;

const initialDetails: CheckDetails = {
  status: 'queued',
  conclusion: null,
  startedAt: null,
  completedAt: null,
  detailsUrl: null,
  externalId: null,
  title: null,
  summary: null,
  text: null,
  annotations: [],
};

/** Returns the routes of check runs. Apps write their own; all accounts can read them. */
export const checkRoutes = (context: ApiContext): readonly ApiRoute[] => [
  ...writingRoutes(context),
  ...readingRoutes(context),
];

const appOnlyRoute = (method: string, path: string, answer: (call: ApiCall) => Response): ApiRoute =>
  accountRoute(method, path, (call, account) =>
    account.type === 'Bot' ? answer(call) : errorResponse(403, 'You must authenticate via a GitHub App.'),
  );

const writingRoutes = ({ store, services, serializers }: ApiContext): readonly ApiRoute[] => [
  appOnlyRoute('POST', `${base}/check-runs`, ({ body }) => {
    const input = parseBody(newRun, body, 'CheckRun');
    if (input instanceof Response) return input;
    const { name, head_sha: sha } = input;
    if (!readCommit(store.objects, sha)) return errorResponse(422, `No commit found for SHA: ${sha}`);
    const serialized = serializers.check(
      services.saveCheckRun({ name, sha, ...mergeDetails(initialDetails, input) }),
    );
    return jsonResponse(201, serialized, { location: serialized.url });
  }),
  appOnlyRoute('PATCH', `${base}/check-runs/:id`, ({ parameters, body }) => {
    const run = store.checks.get(Number(parameters['id']));
    if (!run) return notFoundResponse();
    const input = parseBody(runEdit, body, 'CheckRun');
    if (input instanceof Response) return input;
    const { name = run.name } = input;
    return jsonResponse(
      200,
      serializers.check(services.saveCheckRun({ ...run, name, ...mergeDetails(run, input) })),
    );
  }),
];

const readingRoutes = ({ store, serializers, serializerContext }: ApiContext): readonly ApiRoute[] => [
  accountRoute('GET', `${base}/check-runs/:id`, ({ parameters }) => {
    const run = store.checks.get(Number(parameters['id']));
    return run ? jsonResponse(200, serializers.check(run)) : notFoundResponse();
  }),
  accountRoute('GET', `${base}/check-runs/:id/annotations`, ({ parameters, url }) => {
    const run = store.checks.get(Number(parameters['id']));
    if (!run) return notFoundResponse();
    return listResponse(run.annotations, (one) => serializeAnnotation(one, run.sha, serializerContext), url);
  }),
  accountRoute('GET', `${base}/commits/:ref/check-runs`, ({ parameters, url }) => {
    const ref = parameters['ref'] as string;
    const commit = resolveCommit(store, ref);
    if (!commit) return errorResponse(422, `No commit found for SHA: ${ref}`);
    const runs = selectRuns(store.checks.listByCommit(commit.sha), url.searchParams);
    const { offset, limit } = parsePage(url.searchParams);
    const page = runs.slice(offset, offset + limit).map(serializers.check);
    return jsonResponse(200, { total_count: runs.length, check_runs: page });
  }),
];

/** Returns the runs with the requested name and status, newest first: the latest of each name unless `filter` is `all`. */
const selectRuns = (runs: readonly CheckRunRow[], query: URLSearchParams): CheckRunRow[] => {
  const isWanted = (parameter: string, value: string): boolean =>
    [null, value].includes(query.get(parameter));
  const found = runs
    .toReversed()
    .filter(({ name, status }) => isWanted('check_name', name) && isWanted('status', status));
  if (query.get('filter') === 'all') return found;
  return found.filter((run, index) => found.findIndex(({ name }) => name === run.name) === index);
};

/** Merges an edit into a run. A run with a conclusion is completed; a restarted run has none. */
const mergeDetails = (before: CheckDetails, input: RunEdit): CheckDetails => {
  const status = input.conclusion === undefined ? (input.status ?? before.status) : 'completed';
  const ended = status === 'completed';
  return {
    status,
    conclusion: ended ? (input.conclusion ?? before.conclusion) : null,
    startedAt: input.started_at ?? before.startedAt ?? now(),
    completedAt: ended ? (input.completed_at ?? before.completedAt ?? now()) : null,
    detailsUrl: input.details_url ?? before.detailsUrl,
    externalId: input.external_id ?? before.externalId,
    title: input.output?.title ?? before.title,
    summary: input.output?.summary ?? before.summary,
    text: input.output?.text ?? before.text,
    annotations: [...before.annotations, ...(input.output?.annotations ?? []).map(toAnnotation)],
  };
};

const toAnnotation = (input: v.InferOutput<typeof annotation>): Annotation => ({
  path: input.path,
  startLine: input.start_line,
  endLine: input.end_line,
  startColumn: input.start_column ?? null,
  endColumn: input.end_column ?? null,
  level: input.annotation_level,
  message: input.message,
  title: input.title ?? null,
  rawDetails: input.raw_details ?? null,
});
