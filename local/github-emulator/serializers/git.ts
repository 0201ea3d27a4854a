import { repositoryName, type Accounts } from '../accounts.ts';
import type { Addresses } from '../addresses.ts';
import { accountIn, type Commit } from '../git/commit.ts';
import type { FileChange } from '../git/history.ts';
import type { Mode, Placed } from '../git/tree.ts';
import { nodeId, userShape } from './user.ts';

/** The address of the repository in the API, and its page. */
export const apiOf = ({ api }: Addresses): string => `${api}/repos/${repositoryName}`;
export const pageOf = ({ site }: Addresses): string => `${site}/${repositoryName}`;
/** A file's path as a part of an address. */
export const escapedPath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

const kinds: Record<Mode, 'blob' | 'tree' | 'commit'> = {
  '100644': 'blob',
  '100755': 'blob',
  '120000': 'blob',
  '040000': 'tree',
  '160000': 'commit',
};

/** A ref as GitHub's `git-ref`. */
export const refShape = (name: string, sha: string, addresses: Addresses) => ({
  ref: name,
  node_id: nodeId('Ref', name),
  url: `${apiOf(addresses)}/git/${name}`,
  object: { type: 'commit', sha, url: `${apiOf(addresses)}/git/commits/${sha}` },
});

/** A tree as GitHub's `git-tree`. `sizes`: of blobs, in bytes. */
export const treeShape = (
  sha: string,
  entries: readonly Placed[],
  sizeOf: (sha: string) => number,
  addresses: Addresses,
) => {
  const api = apiOf(addresses);
  return {
    sha,
    url: `${api}/git/trees/${sha}`,
    tree: entries.map(({ path, mode, sha: entry }) => {
      const type = kinds[mode];
      const more = {
        blob: () => ({ size: sizeOf(entry), url: `${api}/git/blobs/${entry}` }),
        tree: () => ({ url: `${api}/git/trees/${entry}` }),
        commit: () => ({}),
      };
      return { path, mode, type, sha: entry, ...more[type]() };
    }),
    truncated: false,
  };
};

/** Bytes as GitHub writes them in JSON: Base64 in lines of 60. */
export const base64Lines = (content: Buffer): string =>
  content.toString('base64').replace(/.{1,60}/g, '$&\n');

/** A blob as GitHub's `blob`. */
export const blobShape = (sha: string, content: Buffer, addresses: Addresses) => ({
  sha,
  node_id: nodeId('Blob', sha),
  size: content.length,
  url: `${apiOf(addresses)}/git/blobs/${sha}`,
  content: base64Lines(content),
  encoding: 'base64',
});

/** Git's own part of a commit. */
const gitCommit = ({ sha, tree, author, message }: Commit, addresses: Addresses) => ({
  url: `${apiOf(addresses)}/git/commits/${sha}`,
  author,
  committer: author,
  message,
  tree: { sha: tree, url: `${apiOf(addresses)}/git/trees/${tree}` },
  comment_count: 0,
  verification: {
    verified: false,
    reason: 'unsigned',
    signature: null,
    payload: null,
    verified_at: null,
  },
});

const parentsOf = ({ parents }: Commit, addresses: Addresses) =>
  parents.map((sha) => ({
    sha,
    url: `${apiOf(addresses)}/commits/${sha}`,
    html_url: `${pageOf(addresses)}/commit/${sha}`,
  }));

/** A commit as GitHub's `commit`; its files where they are asked for. */
export const commitShape = (
  commit: Commit,
  { accounts, addresses }: { accounts: Accounts; addresses: Addresses },
  files?: readonly FileChange[],
) => {
  const url = `${apiOf(addresses)}/commits/${commit.sha}`;
  const author = userShape(accounts.byId(accountIn(commit.author)), addresses);
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', commit.sha),
    commit: gitCommit(commit, addresses),
    url,
    html_url: `${pageOf(addresses)}/commit/${commit.sha}`,
    comments_url: `${url}/comments`,
    author,
    committer: author,
    parents: parentsOf(commit, addresses),
    ...(files
      ? {
          stats: totalsOf(files),
          files: files.map((file) => fileShape(file, commit.sha, addresses)),
        }
      : {}),
  };
};

/** How many lines files gained and lost, together. */
export const totalsOf = (files: readonly FileChange[]) => {
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  return { total: additions + deletions, additions, deletions };
};

/** A file that a commit or a pull request changes, as GitHub's `diff-entry`. */
export const fileShape = (
  { path, status, sha, additions, deletions, patch }: FileChange,
  commit: string,
  addresses: Addresses,
) => {
  const at = escapedPath(path);
  return {
    sha,
    filename: path,
    status,
    additions,
    deletions,
    changes: additions + deletions,
    blob_url: `${pageOf(addresses)}/blob/${commit}/${at}`,
    raw_url: `${pageOf(addresses)}/raw/${commit}/${at}`,
    contents_url: `${apiOf(addresses)}/contents/${at}?ref=${commit}`,
    ...(patch === undefined ? {} : { patch }),
  };
};

/** A commit that was made through the contents API, as in GitHub's `file-commit`. */
export const madeCommitShape = (commit: Commit, addresses: Addresses) => ({
  ...gitCommit(commit, addresses),
  sha: commit.sha,
  node_id: nodeId('Commit', commit.sha),
  html_url: `${pageOf(addresses)}/commit/${commit.sha}`,
  parents: parentsOf(commit, addresses),
});
