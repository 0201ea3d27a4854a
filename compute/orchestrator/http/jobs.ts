import * as v from 'valibot';
import { jobStates } from '../../../contracts/job.ts';
import { integer } from '../../../contracts/job-request.ts';
import { read, unexpected, type Read } from '../../../contracts/problem.ts';
import { UnknownContinuationError } from '../durable.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { jobPage, type PageRequest } from '../view/job-page.ts';
import type { ViewOptions } from '../view/job-view.ts';
import { json, refused } from './answers.ts';

const aTime = 'expected a time as ISO 8601';
const states = `expected states, separated by commas, of ${jobStates.join(', ')}`;

const Query = v.object({
  state: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',').map((state) => state.trim())),
      v.array(v.picklist(jobStates, states), states),
    ),
  ),
  since: v.optional(
    v.pipe(
      v.string(aTime),
      v.check((text) => !Number.isNaN(Date.parse(text)), aTime),
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
  top: v.optional(integer(1, 500), 100),
  continue: v.optional(v.string()),
});

/**
 * `GET /api/jobs?state=&since=&thread=&repository=&top=&continue=`: one page of jobs, newest first. What is given
 * must all hold: `state` is a list separated by commas, `since` is the earliest creation, `thread` is `<repository id>/<number>`,
 * `repository` is `<host>/<repository id>`.
 */
export const listJobs = (options: ViewOptions): GuardedRoute => ({
  name: 'ListJobs',
  method: 'GET',
  path: 'jobs',
  needs: 'read',
  handle: async (httpRequest, _parameters, client, caller) => {
    const query = pageRequest(new URL(httpRequest.url).searchParams);
    if (!query.ok) return refused(query.problem);
    try {
      return json(200, await jobPage(client, query.value, { ...options, caller }));
    } catch (error) {
      if (!(error instanceof UnknownContinuationError)) throw error;
      const { continuation } = query.value;
      return refused(unexpected('continue', 'what an earlier page gave as "continue"', continuation).problem);
    }
  },
});

const pageRequest = (search: URLSearchParams): Read<PageRequest> => {
  const given = [...search].filter(([, value]) => value !== '');
  const query = read(Query, Object.fromEntries(given));
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
