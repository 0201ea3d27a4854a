import * as v from 'valibot';

import { repositoryName } from '../accounts.ts';
import { commitOf } from '../git/commit.ts';
import { commitAt } from '../git/repository.ts';
import { annotationShape } from '../serializers/check.ts';
import {
  annotationLevels,
  checkConclusions,
  checkStatuses,
  type Annotation,
  type CheckDetails,
  type CheckRun,
} from '../store/checks.ts';
import { now } from '../store/database.ts';
import { json, notFound, refusal } from './responses.ts';
import { bodyAs } from './request-bodies.ts';
import { forAccounts, type ApiRoute, type Call, type Desk } from './api-context.ts';
import { listAnswer, pageOf } from './pagination.ts';

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
      // GitHub takes 50 at a time; those of later calls are added.
      annotations: v.optional(v.pipe(v.array(annotation), v.maxLength(50)), []),
    }),
  ),
};
const newRun = v.object({ name: v.string(), head_sha: v.string(), ...details });
const runEdit = v.object({ name: text, ...details });
type RunEdit = v.InferOutput<typeof runEdit>;

const fresh: CheckDetails = {
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

/** Check runs: an app writes its own, everybody reads them. */
export const checkRoutes = (desk: Desk): readonly ApiRoute[] => [
  ...writingRoutes(desk),
  ...readingRoutes(desk),
];

const forApps = (method: string, path: string, answer: (call: Call) => Response): ApiRoute =>
  forAccounts(method, path, (call, account) =>
    account.type === 'Bot' ? answer(call) : refusal(403, 'You must authenticate via a GitHub App.'),
  );

const writingRoutes = ({ store, activity, shapes }: Desk): readonly ApiRoute[] => [
  forApps('POST', `${base}/check-runs`, ({ body }) => {
    const given = bodyAs(newRun, body, 'CheckRun');
    if (given instanceof Response) return given;
    const { name, head_sha: sha } = given;
    if (!commitOf(store.objects, sha)) return refusal(422, `No commit found for SHA: ${sha}`);
    const shape = shapes.check(activity.check({ name, sha, ...detailsWith(fresh, given) }));
    return json(201, shape, { location: shape.url });
  }),
  forApps('PATCH', `${base}/check-runs/:id`, ({ parameters, body }) => {
    const run = store.checks.get(Number(parameters['id']));
    if (!run) return notFound();
    const given = bodyAs(runEdit, body, 'CheckRun');
    if (given instanceof Response) return given;
    const { name = run.name } = given;
    return json(200, shapes.check(activity.check({ ...run, name, ...detailsWith(run, given) })));
  }),
];

const readingRoutes = ({ store, shapes, surroundings }: Desk): readonly ApiRoute[] => [
  forAccounts('GET', `${base}/check-runs/:id`, ({ parameters }) => {
    const run = store.checks.get(Number(parameters['id']));
    return run ? json(200, shapes.check(run)) : notFound();
  }),
  forAccounts('GET', `${base}/check-runs/:id/annotations`, ({ parameters, url }) => {
    const run = store.checks.get(Number(parameters['id']));
    if (!run) return notFound();
    return listAnswer(run.annotations, (one) => annotationShape(one, run.sha, surroundings), url);
  }),
  forAccounts('GET', `${base}/commits/:ref/check-runs`, ({ parameters, url }) => {
    const ref = parameters['ref'] as string;
    const commit = commitAt(store, ref);
    if (!commit) return refusal(422, `No commit found for SHA: ${ref}`);
    const runs = wantedRuns(store.checks.of(commit.sha), url.searchParams);
    const { offset, limit } = pageOf(url.searchParams);
    const shown = runs.slice(offset, offset + limit).map(shapes.check);
    return json(200, { total_count: runs.length, check_runs: shown });
  }),
];

/** Those with the name and status asked for, newest first; of each name only the latest, unless all are asked for. */
const wantedRuns = (runs: readonly CheckRun[], query: URLSearchParams): CheckRun[] => {
  const isWanted = (parameter: string, value: string): boolean =>
    [null, value].includes(query.get(parameter));
  const found = runs
    .toReversed()
    .filter(({ name, status }) => isWanted('check_name', name) && isWanted('status', status));
  if (query.get('filter') === 'all') return found;
  return found.filter((run, index) => found.findIndex(({ name }) => name === run.name) === index);
};

/** What a run says after an edit. One with a conclusion has ended, and one that began again has none. */
const detailsWith = (before: CheckDetails, given: RunEdit): CheckDetails => {
  const status = given.conclusion === undefined ? (given.status ?? before.status) : 'completed';
  const ended = status === 'completed';
  return {
    status,
    conclusion: ended ? (given.conclusion ?? before.conclusion) : null,
    startedAt: given.started_at ?? before.startedAt ?? now(),
    completedAt: ended ? (given.completed_at ?? before.completedAt ?? now()) : null,
    detailsUrl: given.details_url ?? before.detailsUrl,
    externalId: given.external_id ?? before.externalId,
    title: given.output?.title ?? before.title,
    summary: given.output?.summary ?? before.summary,
    text: given.output?.text ?? before.text,
    annotations: [...before.annotations, ...(given.output?.annotations ?? []).map(annotationOf)],
  };
};

const annotationOf = (given: v.InferOutput<typeof annotation>): Annotation => ({
  path: given.path,
  startLine: given.start_line,
  endLine: given.end_line,
  startColumn: given.start_column ?? null,
  endColumn: given.end_column ?? null,
  level: given.annotation_level,
  message: given.message,
  title: given.title ?? null,
  rawDetails: given.raw_details ?? null,
});
