import * as v from 'valibot';

import { mayWrite, repositoryName, type GitHubAccount, type Accounts } from '../accounts.ts';
import { toHeadRef, type HeadBranch } from '../services/files.ts';
import { formatMergeTitle } from '../services/merges.ts';
import { toBranchRef } from '../git/repository.ts';
import { serializeFile } from '../serializers/git.ts';
import type { PullRow } from '../store/pulls.ts';
import {
  emptyResponse,
  validationErrorResponse,
  jsonResponse,
  notFoundResponse,
  errorResponse,
} from './responses.ts';
import { parseBody } from './request-bodies.ts';
import {
  accountRoute,
  writerRoute,
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
    (answer: (pull: PullRow, call: ApiCall, account: GitHubAccount) => Response) =>
    (call: ApiCall, account: GitHubAccount): Response => {
      const pull = store.pulls.get(Number(call.parameters['number']));
      return pull ? answer(pull, call, account) : notFoundResponse();
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
    accountRoute(
      'GET',
      `${base}/:number/merge`,
      onPull(({ mergedAt }) => (mergedAt === null ? notFoundResponse() : emptyResponse())),
    ),
    writerRoute(
      'PUT',
      `${base}/:number/merge`,
      onPull((pull, { body }, account) => mergePullRequest(context, pull, { body, account })),
    ),
  ];
};

const mergeBody = v.object({
  commit_title: v.optional(v.string()),
  commit_message: v.optional(v.string()),
  sha: v.optional(v.string()),
  merge_method: v.optional(v.picklist(['merge', 'squash', 'rebase']), 'merge'),
});

const mergePullRequest = (
  { store, services, serializerContext: { accounts } }: ApiContext,
  pull: PullRow,
  { body, account }: { body: unknown; account: GitHubAccount },
): Response => {
  const wanted = parseBody(mergeBody, body, 'PullRequest');
  if (wanted instanceof Response) return wanted;
  if (wanted.merge_method !== 'merge') return errorResponse(405, 'Only merge commits are supported here.');
  const issue = store.issues.get(pull.number);
  if (issue?.state !== 'open') return errorResponse(405, 'Pull Request is not mergeable');
  if (wanted.sha !== undefined && wanted.sha !== pull.headSha)
    return errorResponse(409, 'Head branch was modified. Review and try the merge again.');
  const title = wanted.commit_title ?? formatMergeTitle(pull, accounts);
  const merged = services.mergePullRequest(
    account,
    pull,
    `${title}\n\n${wanted.commit_message ?? issue.title}`,
  );
  return 'conflicts' in merged
    ? errorResponse(405, 'Pull Request is not mergeable')
    : jsonResponse(200, { sha: merged.sha, merged: true, message: 'Pull Request successfully merged' });
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
