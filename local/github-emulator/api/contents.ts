import { posix } from 'node:path';
import * as v from 'valibot';

import { repositoryName, type GitHubAccount } from '../accounts.ts';
import type { Commit } from '../git/commit.ts';
import { resolveCommit, defaultBranch, toBranchRef } from '../git/repository.ts';
import { readEntries, findEntry, isPath, type TreeEntry } from '../git/tree.ts';
import { serializeContent } from '../serializers/content.ts';
import { toBase64Lines, serializeFileCommit } from '../serializers/git.ts';
import { jsonResponse, notFoundResponse, rawResponse, errorResponse } from './responses.ts';
import { parseBody } from './request-bodies.ts';
import { accountRoute, writerRoute, type ApiRoute, type ApiCall, type ApiContext } from './api-context.ts';

const base = `/repos/${repositoryName}/contents`;
// GitHub omits larger contents from the JSON.
const maxInlineBytes = 1024 * 1024;
const noBytes = Buffer.alloc(0);

/** Returns the routes that read files, folders and links at any commit, and that write files, one per commit. */
export const contentRoutes = (context: ApiContext): readonly ApiRoute[] => [
  accountRoute('GET', base, (call) => handleRead(context, call)),
  accountRoute('GET', `${base}/`, (call) => handleRead(context, call)),
  accountRoute('GET', `${base}/*path`, (call) => handleRead(context, call)),
  writerRoute('PUT', `${base}/*path`, (call, account) => handleWrite(context, call, account)),
  writerRoute('DELETE', `${base}/*path`, (call, account) => handleDelete(context, call, account)),
];

const handleRead = (context: ApiContext, { parameters, url, accept }: ApiCall): Response => {
  const ref = url.searchParams.get('ref') ?? defaultBranch;
  const path = (parameters['path'] ?? '').replace(/(?<!\/)\/+$/, '');
  const commit = resolveCommit(context.store, ref);
  if (!commit) return errorResponse(404, `No commit found for the ref ${ref}`);
  const entry = findEntry(context.store.objects, commit.tree, path);
  return entry ? buildContentResponse(context, { path, ref, commit, entry, accept }) : notFoundResponse();
};

type ResolvedContent = { path: string; ref: string; commit: Commit; entry: TreeEntry; accept: string };

const buildContentResponse = (
  context: ApiContext,
  { path, ref, commit, entry, accept }: ResolvedContent,
): Response => {
  const { store, serializerContext } = context;
  const serialized = (at: string, { mode, sha }: TreeEntry, size: number) =>
    serializeContent({ path: at, mode, sha, size, ref }, serializerContext.addresses);
  if (entry.mode === '040000') {
    // GitHub lists a submodule in a folder as a file, for compatibility with older clients.
    const entries = (readEntries(store.objects, entry.sha) ?? []).map((inside) => {
      const { type, ...rest } = serialized(posix.join(path, inside.name), inside, getSize(context, inside));
      return { type: type === 'submodule' ? 'file' : type, ...rest };
    });
    return jsonResponse(200, entries);
  }
  if (entry.mode === '160000')
    return jsonResponse(200, {
      ...serialized(path, entry, 0),
      submodule_git_url: 'https://git.example/submodule.git',
    });
  // A link to a file is returned as that file; only the tree distinguishes them.
  const target = entry.mode === '120000' ? resolveLink(context, path, commit, entry) : entry;
  const content = readBytes(context, target ?? entry);
  const mediaType = parseRawMediaType(accept);
  if (mediaType !== undefined) return rawResponse(mediaType, content);
  if (!target)
    return jsonResponse(200, {
      ...serialized(path, entry, content.length),
      target: content.toString('utf8'),
    });
  const isLarge = content.length > maxInlineBytes;
  return jsonResponse(200, {
    ...serialized(path, target, content.length),
    content: isLarge ? '' : toBase64Lines(content),
    encoding: isLarge ? 'none' : 'base64',
  });
};

/** Returns the file that a symbolic link points to, if it is in the repository. */
const resolveLink = (
  { store }: ApiContext,
  path: string,
  { tree }: Commit,
  link: TreeEntry,
): TreeEntry | undefined => {
  const target = store.objects.get(link.sha)?.content.toString('utf8') ?? '';
  const found = findEntry(store.objects, tree, posix.join(posix.dirname(path), target));
  return found?.mode === '100644' || found?.mode === '100755' ? found : undefined;
};

const readBytes = ({ store }: ApiContext, { sha }: TreeEntry): Buffer<ArrayBuffer> =>
  (store.objects.get(sha)?.content ?? noBytes) as Buffer<ArrayBuffer>;
const getSize = (context: ApiContext, entry: TreeEntry): number =>
  entry.mode === '040000' || entry.mode === '160000' ? 0 : readBytes(context, entry).length;

/** Returns the raw media type that is requested, if any. */
export const parseRawMediaType = (accept: string): string | undefined =>
  /application\/vnd\.github\.(?:v3\.)?raw(?:\+json)?/.exec(accept)?.[0];

const fileBody = v.object({
  message: v.pipe(v.string(), v.nonEmpty()),
  content: v.pipe(
    v.string(),
    v.transform((text) => text.replace(/\s/g, '')),
    v.base64(),
  ),
  sha: v.optional(v.string()),
  branch: v.optional(v.string(), defaultBranch),
});
const deletionBody = v.omit(fileBody, ['content']);

type WriteTarget = { path: string; branch: string; sha: string | undefined };

/** Returns the entry to be overwritten, if any, or GitHub's response if the path cannot be written or `sha` is outdated. */
const checkWriteTarget = (
  { store }: ApiContext,
  { path, branch, sha }: WriteTarget,
): TreeEntry | undefined | Response => {
  const commit = resolveCommit(store, toBranchRef(branch));
  if (!commit) return errorResponse(404, `Branch ${branch} not found`);
  if (!isPath(path)) return errorResponse(422, 'path contains a malformed path component');
  const entry = findEntry(store.objects, commit.tree, path);
  if (entry?.mode === '040000') return errorResponse(422, `${path} is a directory`);
  if (entry && sha === undefined) return errorResponse(422, 'Invalid request.\n\n"sha" wasn\'t supplied.');
  if (sha !== undefined && entry?.sha !== sha) return errorResponse(409, `${path} does not match ${sha}`);
  return entry;
};

const handleWrite = (
  context: ApiContext,
  { parameters, body }: ApiCall,
  account: GitHubAccount,
): Response => {
  const file = parseBody(fileBody, body, 'Content');
  if (file instanceof Response) return file;
  const path = parameters['path'] as string;
  const known = checkWriteTarget(context, { path, branch: file.branch, sha: file.sha });
  if (known instanceof Response) return known;
  const content = Buffer.from(file.content, 'base64');
  const branch = { name: file.branch, fork: null };
  const commit = context.services.commitFile(account, branch, { path, content }, file.message);
  const entry = findEntry(context.store.objects, commit.tree, path) as TreeEntry;
  const { addresses } = context.serializerContext;
  return jsonResponse(known ? 200 : 201, {
    content: serializeContent({ ...entry, path, size: content.length, ref: file.branch }, addresses),
    commit: serializeFileCommit(commit, addresses),
  });
};

const handleDelete = (
  context: ApiContext,
  { parameters, body, url }: ApiCall,
  account: GitHubAccount,
): Response => {
  const input = body ?? Object.fromEntries(url.searchParams);
  const file = parseBody(deletionBody, input, 'Content');
  if (file instanceof Response) return file;
  const path = parameters['path'] as string;
  const known = checkWriteTarget(context, { path, branch: file.branch, sha: file.sha });
  if (known instanceof Response) return known;
  if (!known) return notFoundResponse();
  const branch = { name: file.branch, fork: null };
  const commit = context.services.commitFile(account, branch, { path, content: null }, file.message);
  return jsonResponse(200, {
    content: null,
    commit: serializeFileCommit(commit, context.serializerContext.addresses),
  });
};
