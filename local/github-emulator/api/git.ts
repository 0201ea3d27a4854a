import * as v from 'valibot';

import { repositoryName } from '../accounts.ts';
import { commitOf, type Commit } from '../git/commit.ts';
import { commitAt, defaultBranch } from '../git/repository.ts';
import { changesBetween, historyOf, touching } from '../git/history.ts';
import { listed } from '../git/tree.ts';
import { blobShape, commitShape, refShape, treeShape } from '../serializers/git.ts';
import { json, notFound, raw, refusal } from './responses.ts';
import { bodyAs } from './request-bodies.ts';
import { forAccounts, forWriters, type ApiRoute, type Desk } from './api-context.ts';
import { rawType } from './contents.ts';
import { listAnswer } from './pagination.ts';

const base = `/repos/${repositoryName}`;

/** Commits, branches, trees and blobs. */
export const gitRoutes = (desk: Desk): readonly ApiRoute[] => [
  ...commitRoutes(desk),
  ...refRoutes(desk),
  ...objectRoutes(desk),
];

const commitRoutes = ({ store, surroundings }: Desk): readonly ApiRoute[] => [
  forAccounts('GET', `${base}/commits`, ({ url }) => {
    const ref = url.searchParams.get('sha') ?? defaultBranch;
    const path = url.searchParams.get('path');
    const head = commitAt(store, ref);
    if (!head) return notFound();
    const all = historyOf(store.objects, head.sha);
    const wanted = path === null ? all : touching(store.objects, all, path);
    return listAnswer(wanted, (commit) => commitShape(commit, surroundings), url);
  }),
  forAccounts('GET', `${base}/commits/*ref`, ({ parameters, accept }) => {
    const ref = parameters['ref'] as string;
    const commit = commitAt(store, ref);
    if (!commit) return refusal(422, `No commit found for SHA: ${ref}`);
    if (accept.includes('application/vnd.github.sha')) return raw('application/vnd.github.sha', commit.sha);
    return json(
      200,
      commitShape(commit, surroundings, changesBetween(store.objects, commit.parents[0], commit.sha)),
    );
  }),
];

const refBody = v.object({
  ref: v.pipe(v.string(), v.regex(/^refs\/heads\/[\w.-]+(?:\/[\w.-]+)*$/)),
  sha: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)),
});

const refRoutes = ({ store, activity, surroundings: { addresses } }: Desk): readonly ApiRoute[] => [
  forAccounts('GET', `${base}/git/ref/*ref`, ({ parameters }) => {
    const name = `refs/${parameters['ref']}`;
    const sha = store.refs.get(name);
    return sha === undefined ? notFound() : json(200, refShape(name, sha, addresses));
  }),
  forWriters('POST', `${base}/git/refs`, ({ body }) => {
    const wanted = bodyAs(refBody, body, 'Reference');
    if (wanted instanceof Response) return wanted;
    if (store.refs.get(wanted.ref) !== undefined) return refusal(422, 'Reference already exists');
    if (!commitOf(store.objects, wanted.sha)) return refusal(422, 'Object does not exist');
    activity.branch({ name: wanted.ref.slice('refs/heads/'.length), fork: null }, wanted.sha);
    const shape = refShape(wanted.ref, wanted.sha, addresses);
    return json(201, shape, { location: shape.url });
  }),
];

const objectRoutes = ({ store, surroundings: { addresses } }: Desk): readonly ApiRoute[] => {
  const treeNamed = (name: string): string | undefined => {
    const commit: Commit | undefined = commitAt(store, name);
    return commit?.tree ?? (store.objects.get(name)?.kind === 'tree' ? name : undefined);
  };
  const bytesOf = (sha: string): Buffer<ArrayBuffer> | undefined => {
    const found = store.objects.get(sha);
    return found?.kind === 'blob' ? (found.content as Buffer<ArrayBuffer>) : undefined;
  };
  return [
    forAccounts('GET', `${base}/git/trees/*sha`, ({ parameters, url }) => {
      const tree = treeNamed(parameters['sha'] as string);
      if (tree === undefined) return notFound();
      const entries = listed(store.objects, tree, url.searchParams.has('recursive'));
      return json(
        200,
        treeShape(tree, entries, (sha) => bytesOf(sha)?.length ?? 0, addresses),
      );
    }),
    forAccounts('GET', `${base}/git/blobs/:sha`, ({ parameters, accept }) => {
      const sha = parameters['sha'] as string;
      const content = bytesOf(sha);
      if (!content) return notFound();
      const mediaType = rawType(accept);
      return mediaType === undefined
        ? json(200, blobShape(sha, content, addresses))
        : raw(mediaType, content);
    }),
  ];
};
