import { repositoryName, type Accounts } from '../accounts.ts';
import type { EmulatorAddresses } from '../addresses.ts';
import { parseAccountId, type Commit } from '../git/commit.ts';
import type { FileChange } from '../git/history.ts';
import type { FileMode, PathEntry } from '../git/tree.ts';
import { buildNodeId, serializeUser } from './user.ts';

/** The address of the repository in the API, and its page. */
export const buildApiUrl = ({ api }: EmulatorAddresses): string => `${api}/repos/${repositoryName}`;
export const buildPageUrl = ({ site }: EmulatorAddresses): string => `${site}/${repositoryName}`;
/** A file's path as a part of an address. */
export const escapePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

const kinds: Record<FileMode, 'blob' | 'tree' | 'commit'> = {
  '100644': 'blob',
  '100755': 'blob',
  '120000': 'blob',
  '040000': 'tree',
  '160000': 'commit',
};

/** A ref as GitHub's `git-ref`. */
export const serializeRef = (name: string, sha: string, addresses: EmulatorAddresses) => ({
  ref: name,
  node_id: buildNodeId('Ref', name),
  url: `${buildApiUrl(addresses)}/git/${name}`,
  object: { type: 'commit', sha, url: `${buildApiUrl(addresses)}/git/commits/${sha}` },
});

/** A tree as GitHub's `git-tree`. `sizes`: of blobs, in bytes. */
export const serializeTree = (
  sha: string,
  entries: readonly PathEntry[],
  sizeOf: (sha: string) => number,
  addresses: EmulatorAddresses,
) => {
  const api = buildApiUrl(addresses);
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
export const toBase64Lines = (content: Buffer): string =>
  content.toString('base64').replace(/.{1,60}/g, '$&\n');

/** A blob as GitHub's `blob`. */
export const serializeBlob = (sha: string, content: Buffer, addresses: EmulatorAddresses) => ({
  sha,
  node_id: buildNodeId('Blob', sha),
  size: content.length,
  url: `${buildApiUrl(addresses)}/git/blobs/${sha}`,
  content: toBase64Lines(content),
  encoding: 'base64',
});

/** Git's own part of a commit. */
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

/** A commit as GitHub's `commit`; its files where they are asked for. */
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

/** How many lines files gained and lost, together. */
export const sumChanges = (files: readonly FileChange[]) => {
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  return { total: additions + deletions, additions, deletions };
};

/** A file that a commit or a pull request changes, as GitHub's `diff-entry`. */
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

/** A commit that was made through the contents API, as in GitHub's `file-commit`. */
export const serializeFileCommit = (commit: Commit, addresses: EmulatorAddresses) => ({
  ...serializeGitCommit(commit, addresses),
  sha: commit.sha,
  node_id: buildNodeId('Commit', commit.sha),
  html_url: `${buildPageUrl(addresses)}/commit/${commit.sha}`,
  parents: serializeParents(commit, addresses),
});
