import { posix } from 'node:path';
import * as v from 'valibot';

import { repositoryName, type Account } from '../accounts.ts';
import type { Commit } from '../git/commit.ts';
import { commitAt, defaultBranch, refOf } from '../git/repository.ts';
import { entriesOf, entryAt, isPath, type Entry } from '../git/tree.ts';
import { contentShape } from '../serializers/content.ts';
import { base64Lines, madeCommitShape } from '../serializers/git.ts';
import { json, notFound, raw, refusal } from './responses.ts';
import { bodyAs } from './request-bodies.ts';
import { forAccounts, forWriters, type ApiRoute, type Call, type Desk } from './api-context.ts';

const base = `/repos/${repositoryName}/contents`;
// Above it GitHub leaves the content out of the JSON.
const contentBytes = 1024 * 1024;
const noBytes = Buffer.alloc(0);

/** The repository's files, folders and links, read at any commit; files are written one at a time, each with a commit. */
export const contentRoutes = (desk: Desk): readonly ApiRoute[] => [
  forAccounts('GET', base, (call) => reading(desk, call)),
  forAccounts('GET', `${base}/`, (call) => reading(desk, call)),
  forAccounts('GET', `${base}/*path`, (call) => reading(desk, call)),
  forWriters('PUT', `${base}/*path`, (call, account) => writing(desk, call, account)),
  forWriters('DELETE', `${base}/*path`, (call, account) => deleting(desk, call, account)),
];

const reading = (desk: Desk, { parameters, url, accept }: Call): Response => {
  const ref = url.searchParams.get('ref') ?? defaultBranch;
  const path = (parameters['path'] ?? '').replace(/(?<!\/)\/+$/, '');
  const commit = commitAt(desk.store, ref);
  if (!commit) return refusal(404, `No commit found for the ref ${ref}`);
  const entry = entryAt(desk.store.objects, commit.tree, path);
  return entry ? shown(desk, { path, ref, commit, entry, accept }) : notFound();
};

type Found = { path: string; ref: string; commit: Commit; entry: Entry; accept: string };

const shown = (desk: Desk, { path, ref, commit, entry, accept }: Found): Response => {
  const { store, surroundings } = desk;
  const shape = (at: string, { mode, sha }: Entry, size: number) =>
    contentShape({ path: at, mode, sha, size, ref }, surroundings.addresses);
  if (entry.mode === '040000') {
    // A submodule in a folder's list is called a file: GitHub keeps that for its older clients.
    const entries = (entriesOf(store.objects, entry.sha) ?? []).map((inside) => {
      const { type, ...rest } = shape(posix.join(path, inside.name), inside, sizeOf(desk, inside));
      return { type: type === 'submodule' ? 'file' : type, ...rest };
    });
    return json(200, entries);
  }
  if (entry.mode === '160000')
    return json(200, { ...shape(path, entry, 0), submodule_git_url: 'https://git.example/submodule.git' });
  // A link to a file is answered as that file: only the tree tells the two apart.
  const target = entry.mode === '120000' ? linked(desk, path, commit, entry) : entry;
  const content = bytesOf(desk, target ?? entry);
  const mediaType = rawType(accept);
  if (mediaType !== undefined) return raw(mediaType, content);
  if (!target) return json(200, { ...shape(path, entry, content.length), target: content.toString('utf8') });
  const isLarge = content.length > contentBytes;
  return json(200, {
    ...shape(path, target, content.length),
    content: isLarge ? '' : base64Lines(content),
    encoding: isLarge ? 'none' : 'base64',
  });
};

/** The file that a symbolic link leads to, if it is one of the repository. */
const linked = ({ store }: Desk, path: string, { tree }: Commit, link: Entry): Entry | undefined => {
  const target = store.objects.get(link.sha)?.content.toString('utf8') ?? '';
  const found = entryAt(store.objects, tree, posix.join(posix.dirname(path), target));
  return found?.mode === '100644' || found?.mode === '100755' ? found : undefined;
};

const bytesOf = ({ store }: Desk, { sha }: Entry): Buffer<ArrayBuffer> =>
  (store.objects.get(sha)?.content ?? noBytes) as Buffer<ArrayBuffer>;
const sizeOf = (desk: Desk, entry: Entry): number =>
  entry.mode === '040000' || entry.mode === '160000' ? 0 : bytesOf(desk, entry).length;

/** The media type in which bytes are wanted as they are, if they are. */
export const rawType = (accept: string): string | undefined =>
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

type Aim = { path: string; branch: string; sha: string | undefined };

/** What stands now at the place to be written; an answer if nothing can be written there by who knows it as `sha`. */
const before = ({ store }: Desk, { path, branch, sha }: Aim): Entry | undefined | Response => {
  const commit = commitAt(store, refOf(branch));
  if (!commit) return refusal(404, `Branch ${branch} not found`);
  if (!isPath(path)) return refusal(422, 'path contains a malformed path component');
  const entry = entryAt(store.objects, commit.tree, path);
  if (entry?.mode === '040000') return refusal(422, `${path} is a directory`);
  if (entry && sha === undefined) return refusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.');
  if (sha !== undefined && entry?.sha !== sha) return refusal(409, `${path} does not match ${sha}`);
  return entry;
};

const writing = (desk: Desk, { parameters, body }: Call, account: Account): Response => {
  const file = bodyAs(fileBody, body, 'Content');
  if (file instanceof Response) return file;
  const path = parameters['path'] as string;
  const known = before(desk, { path, branch: file.branch, sha: file.sha });
  if (known instanceof Response) return known;
  const content = Buffer.from(file.content, 'base64');
  const branch = { name: file.branch, fork: null };
  const commit = desk.activity.write(account, branch, { path, content }, file.message);
  const entry = entryAt(desk.store.objects, commit.tree, path) as Entry;
  const { addresses } = desk.surroundings;
  return json(known ? 200 : 201, {
    content: contentShape({ ...entry, path, size: content.length, ref: file.branch }, addresses),
    commit: madeCommitShape(commit, addresses),
  });
};

const deleting = (desk: Desk, { parameters, body, url }: Call, account: Account): Response => {
  const given = body ?? Object.fromEntries(url.searchParams);
  const file = bodyAs(deletionBody, given, 'Content');
  if (file instanceof Response) return file;
  const path = parameters['path'] as string;
  const known = before(desk, { path, branch: file.branch, sha: file.sha });
  if (known instanceof Response) return known;
  if (!known) return notFound();
  const branch = { name: file.branch, fork: null };
  const commit = desk.activity.write(account, branch, { path, content: null }, file.message);
  return json(200, { content: null, commit: madeCommitShape(commit, desk.surroundings.addresses) });
};
