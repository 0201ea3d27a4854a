import type { GitHubStandIn } from '../../bot/stand-ins/github.ts';

/** GitHub has a commit with these files, by path, as its Git API shows it. @returns the commit */
export const commitFiles = (github: GitHubStandIn, sha: string, files: Record<string, string>): string => {
  const folders = new Map<string, Map<string, object>>([['', new Map()]]);
  const at = (folder: string): string => (folder === '' ? sha : `${sha}-${folder.replaceAll('/', '-')}`);
  const entries = (folder: string): Map<string, object> => {
    const known = folders.get(folder) ?? new Map<string, object>();
    folders.set(folder, known);
    return known;
  };
  const put = (path: string, entry: object): void => {
    const [, folder = '', name = path] = /^(?:(.*)\/)?([^/]+)$/.exec(path) ?? [];
    entries(folder).set(name, { path: name, ...entry });
    if (folder !== '') put(folder, { mode: '040000', sha: at(folder) });
  };
  for (const [path, text] of Object.entries(files)) {
    const blob = `${at(path)}-blob`;
    const content = Buffer.from(text);
    put(path, { mode: '100644', sha: blob, size: content.length });
    github.more.set(`GET /repos/acme/ops/git/blobs/${blob}`, {
      content: content.toString('base64'),
      encoding: 'base64',
      size: content.length,
    });
  }
  for (const [folder, found] of folders)
    github.more.set(`GET /repos/acme/ops/git/trees/${at(folder)}`, {
      truncated: false,
      tree: [...found.values()],
    });
  return sha;
};
