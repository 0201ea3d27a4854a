import { repositoryName, type Accounts } from '../accounts.ts';
import type { EmulatorAddresses } from '../addresses.ts';
import { parseAccountId, type Commit } from '../git/commit.ts';
import type { FileChange } from '../git/diff.ts';
import type { FileMode, PathEntry } from '../git/tree.ts';
import { buildNodeId, serializeUser } from './user.ts';

/** Returns the address of the repository in the API. */
export const buildApiUrl = ({ api }: EmulatorAddresses): string => `${api}/repos/${repositoryName}`;
export const buildPageUrl = ({ site }: EmulatorAddresses): string => `${site}/${repositoryName}`;
/** Encodes a file path for an address. */
export const escapePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

const kinds: Record<FileMode, 'blob' | 'tree' | 'commit'> = {
  '100644': 'blob',
  '100755': 'blob',
  '120000': 'blob',
  '040000': 'tree',
  '160000': 'commit',
};

/** Serializes a ref as GitHub's `git-ref`. */
export const serializeRef = (name: string, sha: string, addresses: EmulatorAddresses) => ({
  ref: name,
  node_id: buildNodeId('Ref', name),
  url: `${buildApiUrl(addresses)}/git/${name}`,
  object: { type: 'commit', sha, url: `${buildApiUrl(addresses)}/git/commits/${sha}` },
});

/** Serializes a tree as GitHub's `git-tree`. `getSize` returns the size of a blob in bytes. */
export const serializeTree = (
  sha: string,
  entries: readonly PathEntry[],
  getSize: (sha: string) => number,
  addresses: EmulatorAddresses,
) => {
  const api = buildApiUrl(addresses);
  return {
    sha,
    url: `${api}/git/trees/${sha}`,
    tree: entries.map(({ path, mode, sha: entry }) => {
      const type = kinds[mode];
      const more = {
        blob: () => ({ size: getSize(entry), url: `${api}/git/blobs/${entry}` }),
        tree: () => ({ url: `${api}/git/trees/${entry}` }),
        commit: () => ({}),
      };
      return { path, mode, type, sha: entry, ...more[type]() };
    }),
    truncated: false,
  };
};

/** Encodes bytes as GitHub does in JSON: Base64 in lines of 60 characters. */
export const toBase64Lines = (content: Buffer): string =>
  content.toString('base64').replace(/.{1,60}/g, '$&\n');

/** Serializes a blob as GitHub's `blob`. */
export const serializeBlob = (sha: string, content: Buffer, addresses: EmulatorAddresses) => ({
  sha,
  node_id: buildNodeId('Blob', sha),
  size: content.length,
  url: `${buildApiUrl(addresses)}/git/blobs/${sha}`,
  content: toBase64Lines(content),
  encoding: 'base64',
});

/** Serializes git's own part of a commit. */
const serializeGitCommit = ({ sha, tree, author, message }: Commit, addresses: EmulatorAddresses) => ({
  url: `${buildApiUrl(addresses)}/git/commits/${sha}`,
  author,
  committer: author,
  message,
  tree: { sha: tree, url: `${buildApiUrl(addresses)}/git/trees/${tree}` },
  comment_count: 0,
  verification: {
    verified: false,
    reason: 'unsigned',
    signature: null,
    payload: null,
    verified_at: null,
  },
});

const serializeParents = ({ parents }: Commit, addresses: EmulatorAddresses) =>
  parents.map((sha) => ({
    sha,
    url: `${buildApiUrl(addresses)}/commits/${sha}`,
    html_url: `${buildPageUrl(addresses)}/commit/${sha}`,
  }));

/** Serializes a commit as GitHub's `commit`, with its files if given. */
export const serializeCommit = (
  commit: Commit,
  { accounts, addresses }: { accounts: Accounts; addresses: EmulatorAddresses },
  files?: readonly FileChange[],
) => {
  const url = `${buildApiUrl(addresses)}/commits/${commit.sha}`;
  const author = serializeUser(accounts.getById(parseAccountId(commit.author)), addresses);
  return {
    sha: commit.sha,
    node_id: buildNodeId('Commit', commit.sha),
    commit: serializeGitCommit(commit, addresses),
    url,
    html_url: `${buildPageUrl(addresses)}/commit/${commit.sha}`,
    comments_url: `${url}/comments`,
    author,
    committer: author,
    parents: serializeParents(commit, addresses),
    ...(files
      ? {
          stats: sumChanges(files),
          files: files.map((file) => serializeFile(file, commit.sha, addresses)),
        }
      : {}),
  };
};

/** Returns the total of added and removed lines. */
export const sumChanges = (files: readonly FileChange[]) => {
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  return { total: additions + deletions, additions, deletions };
};

/** Serializes a changed file as GitHub's `diff-entry`. */
export const serializeFile = (
  { path, status, sha, additions, deletions, patch }: FileChange,
  commit: string,
  addresses: EmulatorAddresses,
) => {
  const at = escapePath(path);
  return {
    sha,
    filename: path,
    status,
    additions,
    deletions,
    changes: additions + deletions,
    blob_url: `${buildPageUrl(addresses)}/blob/${commit}/${at}`,
    raw_url: `${buildPageUrl(addresses)}/raw/${commit}/${at}`,
    contents_url: `${buildApiUrl(addresses)}/contents/${at}?ref=${commit}`,
    ...(patch === undefined ? {} : { patch }),
  };
};

/** Serializes a commit of the contents API, as in GitHub's `file-commit`. */
export const serializeFileCommit = (commit: Commit, addresses: EmulatorAddresses) => ({
  ...serializeGitCommit(commit, addresses),
  sha: commit.sha,
  node_id: buildNodeId('Commit', commit.sha),
  html_url: `${buildPageUrl(addresses)}/commit/${commit.sha}`,
  parents: serializeParents(commit, addresses),
});
