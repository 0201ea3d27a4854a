import * as v from 'valibot';
import { bytesOf, textOf } from './base64-text.ts';
import { ask, ownerAndName, statusOf, type Octokit } from './api-client.ts';
import type { FileAnswer, Files, Repository } from './ports.ts';

const Head = v.object({ sha: v.string() });
const Tree = v.object({
  truncated: v.boolean(),
  tree: v.array(
    v.object({ path: v.string(), mode: v.string(), sha: v.string(), size: v.optional(v.number()) }),
  ),
});
type Entry = v.InferOutput<typeof Tree>['tree'][number];

const Blob = v.object({ content: v.string(), encoding: v.literal('base64'), size: v.number() });

/** What Git knows of an entry by its mode; anything else is a file. */
const kinds: Record<string, 'folder' | 'symlink' | 'submodule'> = {
  '040000': 'folder',
  '120000': 'symlink',
  '160000': 'submodule',
};

const lfsPointer = 'version https://git-lfs.github.com/spec/v1\n';

/**
 * Files through Git's own objects: the contents API follows symlinks, so that what it sends need not be what stands at the path.
 */
export const octokitFiles = (octokit: Octokit): Files => ({
  defaultHead: async ({ name }) => {
    const place = ownerAndName(name);
    const Repository = v.object({ default_branch: v.string() });
    const { default_branch: branch } = await ask(octokit, Repository, 'GET /repos/{owner}/{repo}', place);
    const { object } = await ask(
      octokit,
      v.object({ object: Head }),
      'GET /repos/{owner}/{repo}/git/ref/{ref}',
      {
        ...place,
        ref: `heads/${branch}`,
      },
    );
    return object.sha;
  },
  pullHead: async ({ name }, number) => {
    const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}';
    const parameters = { ...ownerAndName(name), pull_number: number };
    return (await ask(octokit, v.object({ head: Head }), route, parameters)).head.sha;
  },
  read: async (repository, path, commit, mostBytes) => {
    const found = await find(octokit, repository, path.split('/'), commit);
    if (typeof found === 'string') return { outcome: found, bytes: null };
    const bytes = found.size ?? null;
    const kind = kinds[found.mode];
    if (kind) return { outcome: kind, bytes };
    if (bytes === null) throw new Error(`GitHub did not tell the size of ${path}`);
    if (bytes > mostBytes) return { outcome: 'too-large', bytes };
    return contentOf(await blob(octokit, repository, found.sha), bytes);
  },
});

/** The entry at a path, one folder after another; or what stands in the way. */
const find = async (
  octokit: Octokit,
  repository: Repository,
  steps: readonly string[],
  commit: string,
): Promise<Entry | 'not-found' | 'symlink' | 'submodule'> => {
  let tree = commit;
  for (const [index, step] of steps.entries()) {
    const entry = await entryOf(octokit, repository, tree, step);
    if (!entry) return 'not-found';
    if (index === steps.length - 1) return entry;
    const kind = kinds[entry.mode];
    if (kind !== 'folder') return kind ?? 'not-found';
    tree = entry.sha;
  }
  return 'not-found';
};

const entryOf = async (
  octokit: Octokit,
  { name }: Repository,
  tree: string,
  step: string,
): Promise<Entry | undefined> => {
  try {
    const route = 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}';
    const { tree: entries, truncated } = await ask(octokit, Tree, route, {
      ...ownerAndName(name),
      tree_sha: tree,
    });
    const entry = entries.find(({ path }) => path === step);
    if (!entry && truncated) throw new Error(`GitHub does not list the whole folder in which ${step} is`);
    return entry;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
};

const blob = async (octokit: Octokit, { name }: Repository, sha: string): Promise<Buffer> => {
  const route = 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}';
  const { content } = await ask(octokit, Blob, route, { ...ownerAndName(name), file_sha: sha });
  return bytesOf(content);
};

const contentOf = (content: Buffer, bytes: number): FileAnswer => {
  if (content.length !== bytes) throw new Error(`GitHub sent ${content.length} bytes of a file of ${bytes}`);
  const text = textOf(content);
  if (text === undefined) return { outcome: 'not-text', bytes };
  return text.startsWith(lfsPointer) ? { outcome: 'lfs-pointer', bytes } : { outcome: 'read', text };
};
