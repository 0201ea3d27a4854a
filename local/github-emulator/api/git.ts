import * as v from 'valibot';

import { repositoryName } from '../accounts.ts';
import { readCommit, type Commit } from '../git/commit.ts';
import { resolveCommit, defaultBranch } from '../git/repository.ts';
import { diffCommits } from '../git/diff.ts';
import { listHistory, selectTouching } from '../git/history.ts';
import { listEntries } from '../git/tree.ts';
import { serializeBlob, serializeCommit, serializeRef, serializeTree } from '../serializers/git.ts';
import { jsonResponse, notFoundResponse, rawResponse, errorResponse } from './responses.ts';
import { parseBody } from './request-bodies.ts';
import { accountRoute, writerRoute, type ApiRoute, type ApiContext } from './api-context.ts';
import { parseRawMediaType } from './contents.ts';
import { listResponse } from './pagination.ts';

const base = `/repos/${repositoryName}`;

/** Returns the routes of commits, branches, trees and blobs. */
export const gitRoutes = (context: ApiContext): readonly ApiRoute[] => [
  ...commitRoutes(context),
  ...refRoutes(context),
  ...objectRoutes(context),
];

const commitRoutes = ({ store, serializerContext }: ApiContext): readonly ApiRoute[] => [
  accountRoute('GET', `${base}/commits`, ({ url }) => {
    const ref = url.searchParams.get('sha') ?? defaultBranch;
    const path = url.searchParams.get('path');
    const head = resolveCommit(store, ref);
    if (!head) return notFoundResponse();
    const all = listHistory(store.objects, head.sha);
    const wanted = path === null ? all : selectTouching(store.objects, all, path);
    return listResponse(wanted, (commit) => serializeCommit(commit, serializerContext), url);
  }),
  accountRoute('GET', `${base}/commits/*ref`, ({ parameters, accept }) => {
    const ref = parameters['ref'] as string;
    const commit = resolveCommit(store, ref);
    if (!commit) return errorResponse(422, `No commit found for SHA: ${ref}`);
    if (accept.includes('application/vnd.github.sha'))
      return rawResponse('application/vnd.github.sha', commit.sha);
    return jsonResponse(
      200,
      serializeCommit(commit, serializerContext, diffCommits(store.objects, commit.parents[0], commit.sha)),
    );
  }),
];

const refBody = v.object({
  ref: v.pipe(v.string(), v.regex(/^refs\/heads\/[\w.-]+(?:\/[\w.-]+)*$/)),
  sha: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)),
});

const refRoutes = ({
  store,
  services,
  serializerContext: { addresses },
}: ApiContext): readonly ApiRoute[] => [
  accountRoute('GET', `${base}/git/ref/*ref`, ({ parameters }) => {
    const name = `refs/${parameters['ref']}`;
    const sha = store.refs.get(name);
    return sha === undefined ? notFoundResponse() : jsonResponse(200, serializeRef(name, sha, addresses));
  }),
  writerRoute('POST', `${base}/git/refs`, ({ body }) => {
    const wanted = parseBody(refBody, body, 'Reference');
    if (wanted instanceof Response) return wanted;
    if (store.refs.get(wanted.ref) !== undefined) return errorResponse(422, 'Reference already exists');
    if (!readCommit(store.objects, wanted.sha)) return errorResponse(422, 'Object does not exist');
    services.createBranch({ name: wanted.ref.slice('refs/heads/'.length), fork: null }, wanted.sha);
    const serialized = serializeRef(wanted.ref, wanted.sha, addresses);
    return jsonResponse(201, serialized, { location: serialized.url });
  }),
];

const objectRoutes = ({ store, serializerContext: { addresses } }: ApiContext): readonly ApiRoute[] => {
  const resolveTree = (name: string): string | undefined => {
    const commit: Commit | undefined = resolveCommit(store, name);
    return commit?.tree ?? (store.objects.get(name)?.kind === 'tree' ? name : undefined);
  };
  const readBlob = (sha: string): Buffer<ArrayBuffer> | undefined => {
    const found = store.objects.get(sha);
    return found?.kind === 'blob' ? (found.content as Buffer<ArrayBuffer>) : undefined;
  };
  return [
    accountRoute('GET', `${base}/git/trees/*sha`, ({ parameters, url }) => {
      const tree = resolveTree(parameters['sha'] as string);
      if (tree === undefined) return notFoundResponse();
      const entries = listEntries(store.objects, tree, url.searchParams.has('recursive'));
      return jsonResponse(
        200,
        serializeTree(tree, entries, (sha) => readBlob(sha)?.length ?? 0, addresses),
      );
    }),
    accountRoute('GET', `${base}/git/blobs/:sha`, ({ parameters, accept }) => {
      const sha = parameters['sha'] as string;
      const content = readBlob(sha);
      if (!content) return notFoundResponse();
      const mediaType = parseRawMediaType(accept);
      return mediaType === undefined
        ? jsonResponse(200, serializeBlob(sha, content, addresses))
        : rawResponse(mediaType, content);
    }),
  ];
};
