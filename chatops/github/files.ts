import * as v from 'valibot';
import { decodeBase64, decodeText } from './base64-text.ts';
import { request, toOwnerAndRepo, getStatus, type Octokit } from './api-client.ts';
import type { FileAnswer, Files } from './ports.ts';
import type { Repository } from '../incoming-comment.ts';

const CommitRef = v.object({ sha: v.string() });
const Tree = v.object({
  truncated: v.boolean(),
  tree: v.array(
    v.object({ path: v.string(), mode: v.string(), sha: v.string(), size: v.optional(v.number()) }),
  ),
});
type TreeEntry = v.InferOutput<typeof Tree>['tree'][number];

const Blob = v.object({ content: v.string(), encoding: v.literal('base64'), size: v.number() });

/** The kind of a tree entry by its Git mode; all other modes are files. */
const kindByMode: Record<string, 'folder' | 'symlink' | 'submodule'> = {
  '040000': 'folder',
  '120000': 'symlink',
  '160000': 'submodule',
};

const lfsPointer = 'version https://git-lfs.github.com/spec/v1\n';

/**
 * Returns an adapter that reads files as Git objects. The contents API follows symbolic links, so it may return another file than
 * the one at the path.
 */
export const createOctokitFiles = (octokit: Octokit): Files => ({
  getDefaultHead: async ({ name }) => {
    const ownerAndRepo = toOwnerAndRepo(name);
    const Repository = v.object({ default_branch: v.string() });
    const { default_branch: branch } = await request(
      octokit,
      Repository,
      'GET /repos/{owner}/{repo}',
      ownerAndRepo,
    );
    const { object } = await request(
      octokit,
      v.object({ object: CommitRef }),
      'GET /repos/{owner}/{repo}/git/ref/{ref}',
      {
        ...ownerAndRepo,
        ref: `heads/${branch}`,
      },
    );
    return object.sha;
  },
  getPullHead: async ({ name }, number) => {
    const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}';
    const parameters = { ...toOwnerAndRepo(name), pull_number: number };
    return (await request(octokit, v.object({ head: CommitRef }), route, parameters)).head.sha;
  },
  read: async (repository, path, commit, maxBytes) => {
    const found = await findEntry(octokit, repository, path.split('/'), commit);
    if (typeof found === 'string') return { outcome: found, bytes: null };
    const bytes = found.size ?? null;
    const kind = kindByMode[found.mode];
    if (kind) return { outcome: kind, bytes };
    if (bytes === null) throw new Error(`GitHub sent no size for ${path}`);
    if (bytes > maxBytes) return { outcome: 'too-large', bytes };
    return toFileAnswer(await fetchBlob(octokit, repository, found.sha), bytes);
  },
});

/** Returns the entry at a path, resolved folder by folder, or what prevents it. */
const findEntry = async (
  octokit: Octokit,
  repository: Repository,
  steps: readonly string[],
  commit: string,
): Promise<TreeEntry | 'not-found' | 'symlink' | 'submodule'> => {
  let tree = commit;
  for (const [index, step] of steps.entries()) {
    const entry = await fetchEntry(octokit, repository, tree, step);
    if (!entry) return 'not-found';
    if (index === steps.length - 1) return entry;
    const kind = kindByMode[entry.mode];
    if (kind !== 'folder') return kind ?? 'not-found';
    tree = entry.sha;
  }
  return 'not-found';
};

const fetchEntry = async (
  octokit: Octokit,
  { name }: Repository,
  tree: string,
  step: string,
): Promise<TreeEntry | undefined> => {
  try {
    const route = 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}';
    const { tree: entries, truncated } = await request(octokit, Tree, route, {
      ...toOwnerAndRepo(name),
      tree_sha: tree,
    });
    const entry = entries.find(({ path }) => path === step);
    if (!entry && truncated) throw new Error(`GitHub truncated the list of the folder that contains ${step}`);
    return entry;
  } catch (error) {
    if (getStatus(error) === 404) return undefined;
    throw error;
  }
};

const fetchBlob = async (octokit: Octokit, { name }: Repository, sha: string): Promise<Buffer> => {
  const route = 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}';
  const { content } = await request(octokit, Blob, route, { ...toOwnerAndRepo(name), file_sha: sha });
  return decodeBase64(content);
};

const toFileAnswer = (content: Buffer, bytes: number): FileAnswer => {
  if (content.length !== bytes) throw new Error(`GitHub sent ${content.length} bytes of a file of ${bytes}`);
  const text = decodeText(content);
  if (text === undefined) return { outcome: 'not-text', bytes };
  return text.startsWith(lfsPointer) ? { outcome: 'lfs-pointer', bytes } : { outcome: 'read', text };
};
