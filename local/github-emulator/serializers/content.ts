import type { Addresses } from '../addresses.ts';
import type { Mode } from '../git/tree.ts';
import { apiOf, escapedPath, pageOf } from './git.ts';

type Place = { path: string; mode: Mode; sha: string; size: number; ref: string };
const contentTypes = {
  '100644': 'file',
  '100755': 'file',
  '120000': 'symlink',
  '040000': 'dir',
  '160000': 'submodule',
} as const;

/** What GitHub says of anything at a path, without its content. `ref`: as it was asked for. */
export const contentShape = ({ path, mode, sha, size, ref }: Place, addresses: Addresses) => {
  const [api, page, at] = [apiOf(addresses), pageOf(addresses), escapedPath(path)];
  const type = contentTypes[mode];
  const self = `${api}/contents/${at}?ref=${encodeURIComponent(ref)}`;
  const git = type === 'submodule' ? null : `${api}/git/${type === 'dir' ? 'trees' : 'blobs'}/${sha}`;
  const html = type === 'submodule' ? null : `${page}/${type === 'dir' ? 'tree' : 'blob'}/${ref}/${at}`;
  return {
    type,
    size,
    name: path.split('/').at(-1) as string,
    path,
    sha,
    url: self,
    git_url: git,
    html_url: html,
    download_url: type === 'file' || type === 'symlink' ? `${page}/raw/${ref}/${at}` : null,
    _links: { self, git, html },
  };
};
