import * as v from 'valibot';
import { jobStates } from '../../../contracts/job.ts';
import { integerInRange } from '../../../contracts/json-values.ts';
import { parseInput, rejectField, type ParseResult } from '../../../contracts/problem.ts';
import { UnknownContinuationError } from '../durable.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { listJobPage, type JobPageRequest } from '../view/job-page.ts';
import type { JobViewOptions } from '../view/job-view.ts';
import { toJsonResponse, toBadRequest } from './answers.ts';

const timeMessage = 'expected a time as ISO 8601';
const statesMessage = `expected states, separated by commas, of ${jobStates.join(', ')}`;

const JobsQuery = v.object({
  state: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',').map((state) => state.trim())),
      v.array(v.picklist(jobStates, statesMessage), statesMessage),
    ),
  ),
  since: v.optional(
    v.pipe(
      v.string(timeMessage),
      v.check((text) => !Number.isNaN(Date.parse(text)), timeMessage),
      v.transform((text) => new Date(text).toISOString()),
    ),
  ),
  thread: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,15}\/\d{1,15}$/, 'expected <repository id>/<thread number>'),
      v.transform((text) => text.split('/').map(Number) as [number, number]),
      v.transform(([repository, number]) => ({ repository, number })),
    ),
  ),
  repository: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[^/]{1,200}\/\d{1,15}$/, 'expected <host>/<repository id>'),
      v.transform((text) => {
        const [host = '', id] = text.split('/');
        return { host, id: Number(id) };
      }),
    ),
  ),
  top: v.optional(integerInRange(1, 500), 100),
  continue: v.optional(v.string()),
});

/**
 * `GET /api/jobs?state=&since=&thread=&repository=&top=&continue=`: one page of jobs, newest first. What is given
 * must all hold: `state` is a list separated by commas, `since` is the earliest creation, `thread` is `<repository id>/<number>`,
 * `repository` is `<host>/<repository id>`.
 */
export const listJobs = (options: JobViewOptions): GuardedRoute => ({
  name: 'ListJobs',
  method: 'GET',
  path: 'jobs',
  needs: 'read',
  handle: async (httpRequest, _parameters, client, caller) => {
    const query = readPageRequest(new URL(httpRequest.url).searchParams);
    if (!query.ok) return toBadRequest(query.problem);
    try {
      return toJsonResponse(200, await listJobPage(client, query.value, { ...options, caller }));
    } catch (error) {
      if (!(error instanceof UnknownContinuationError)) throw error;
      const { continuation } = query.value;
      return toBadRequest(
        rejectField('continue', 'what an earlier page gave as "continue"', continuation).problem,
      );
    }
  },
});

const readPageRequest = (search: URLSearchParams): ParseResult<JobPageRequest> => {
  const nonEmpty = [...search].filter(([, value]) => value !== '');
  const query = parseInput(JobsQuery, Object.fromEntries(nonEmpty));
  if (!query.ok) return query;
  const { state, since, thread, repository, top, continue: continuation } = query.value;
  return {
    ok: true,
    value: {
      top,
      ...(state ? { states: state } : {}),
      ...(since === undefined ? {} : { since }),
      ...(thread ? { thread } : {}),
      ...(repository ? { repository } : {}),
      ...(continuation === undefined ? {} : { continuation }),
    },
  };
};
