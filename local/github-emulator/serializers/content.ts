import type { EmulatorAddresses } from '../addresses.ts';
import type { FileMode } from '../git/tree.ts';
import { buildApiUrl, escapePath, buildPageUrl } from './git.ts';

type ContentEntry = { path: string; mode: FileMode; sha: string; size: number; ref: string };
const contentTypes = {
  '100644': 'file',
  '100755': 'file',
  '120000': 'symlink',
  '040000': 'dir',
  '160000': 'submodule',
} as const;

/** Serializes the entry at a path, without its content. `ref`: as requested. */
export const serializeContent = (
  { path, mode, sha, size, ref }: ContentEntry,
  addresses: EmulatorAddresses,
) => {
  const [api, page, at] = [buildApiUrl(addresses), buildPageUrl(addresses), escapePath(path)];
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
