import * as v from 'valibot';

import { mayWrite, repositoryName, type GitHubAccount, type Accounts } from '../accounts.ts';
import { toHeadRef, type HeadBranch } from '../services/files.ts';
import { toBranchRef } from '../git/repository.ts';
import { serializeFile } from '../serializers/git.ts';
import type { PullRow } from '../store/pulls.ts';
import { validationErrorResponse, jsonResponse, notFoundResponse, errorResponse } from './responses.ts';
import { parseBody } from './request-bodies.ts';
import {
  accountRoute,
  pushRequiredResponse,
  type ApiRoute,
  type ApiCall,
  type ApiContext,
} from './api-context.ts';
import { listResponse, pageResponse, parsePage, parseState } from './pagination.ts';

const base = `/repos/${repositoryName}/pulls`;

/** Returns the routes of pull requests and their changed files. Their conversations are issues. */
export const pullRoutes = (context: ApiContext): readonly ApiRoute[] => {
  const { store, serializers, serializerContext } = context;
  const onPull =
    (answer: (pull: PullRow, call: ApiCall) => Response) =>
    (call: ApiCall): Response => {
      const pull = store.pulls.get(Number(call.parameters['number']));
      return pull ? answer(pull, call) : notFoundResponse();
    };
  return [
    accountRoute('GET', base, ({ url }) => {
      const page = parsePage(url.searchParams);
      const state = parseState(url.searchParams);
      const pulls = store.pulls.list({ ...page, ...state });
      return pageResponse(pulls.map(serializers.pull), store.pulls.count(state.state), page, url);
    }),
    accountRoute('POST', base, ({ body }, account) => openPullRequest(context, body, account)),
    accountRoute(
      'GET',
      `${base}/:number`,
      onPull((pull) => jsonResponse(200, serializers.fullPull(pull))),
    ),
    accountRoute(
      'GET',
      `${base}/:number/files`,
      onPull((pull, { url }) =>
        listResponse(
          serializers.listFiles(pull),
          (file) => serializeFile(file, pull.headSha, serializerContext.addresses),
          url,
        ),
      ),
    ),
  ];
};

const pullBody = v.object({
  title: v.pipe(v.string(), v.trim(), v.nonEmpty()),
  head: v.pipe(v.string(), v.nonEmpty()),
  base: v.pipe(v.string(), v.nonEmpty()),
  body: v.optional(v.nullable(v.string())),
});

const openPullRequest = (context: ApiContext, body: unknown, account: GitHubAccount): Response => {
  const { store, services, serializers, serializerContext } = context;
  const wanted = parseBody(pullBody, body, 'PullRequest');
  if (wanted instanceof Response) return wanted;
  const head = parseHeadBranch(wanted.head, serializerContext.accounts);
  const fault = head ? findPullRequestError(context, head, wanted.base) : invalidFieldResponse('head');
  if (!head || fault) return fault ?? invalidFieldResponse('head');
  // From a fork, read access suffices; from the repository itself, write access is required.
  if (head.fork === null && !mayWrite(account)) return pushRequiredResponse();
  const { number } = services.openPullRequest(account, {
    title: wanted.title,
    body: wanted.body ?? '',
    base: wanted.base,
    head,
  });
  const serialized = serializers.fullPull(store.pulls.get(number) as PullRow);
  return jsonResponse(201, serialized, { location: serialized.url });
};

/** Parses `branch` or `owner:branch`. The repository's own owner means the repository itself. */
const parseHeadBranch = (head: string, accounts: Accounts): HeadBranch | undefined => {
  const [name, owner] = head.split(':').toReversed() as [string, string | undefined];
  if (owner === undefined || owner === repositoryName.split('/')[0]) return { name, fork: null };
  const account = accounts.byLogin(owner);
  return account && { name, fork: account.id };
};

/** Returns GitHub's response if no pull request can be opened from the branch to the base. */
const findPullRequestError = (
  { store }: ApiContext,
  head: HeadBranch,
  base: string,
): Response | undefined => {
  const [from, to] = [store.refs.get(toHeadRef(head)), store.refs.get(toBranchRef(base))];
  if (to === undefined) return invalidFieldResponse('base');
  if (from === undefined) return invalidFieldResponse('head');
  const customErrorResponse = (message: string) =>
    errorResponse(422, 'Validation Failed', {
      errors: [{ resource: 'PullRequest', code: 'custom', message }],
    });
  if (from === to) return customErrorResponse(`No commits between ${base} and ${head.name}`);
  return store.pulls.listOpenFrom(head.name, head.fork).length > 0
    ? customErrorResponse(`A pull request already exists for ${head.name}.`)
    : undefined;
};

const invalidFieldResponse = (field: string): Response =>
  validationErrorResponse({ resource: 'PullRequest', code: 'invalid', field });
