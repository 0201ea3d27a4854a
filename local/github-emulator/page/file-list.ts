import { repositoryName } from '../accounts.ts';
import { resolveCommit, toBranchRef } from '../git/repository.ts';
import { isPath, listEntries } from '../git/tree.ts';
import { escapePath } from '../serializers/git.ts';
import { markup, type Html } from './html.ts';
import { createPage } from './layout.ts';
import { notFoundPage, redirectResponse, type PageContext, type PageRoute } from './page-context.ts';

/** Returns the path of the page that shows, edits or creates a file. */
export const buildFilePath = (branch: string, path: string): string =>
  `/${repositoryName}/blob/${encodeURIComponent(branch)}/${escapePath(path)}`;

/** The maximum number of files that the page lists. */
const maxListed = 1_000;

/** Returns the routes that list the files of a branch and lead to the page of a new one. */
export const fileListRoutes = ({ store }: PageContext): readonly PageRoute[] => {
  const list = (branch: string, fault: string): Html | undefined => {
    const commit = resolveCommit(store, toBranchRef(branch));
    const entries = commit && listEntries(store.objects, commit.tree, true);
    const paths = entries
      ?.filter(({ mode }) => mode !== '040000' && mode !== '160000')
      .map(({ path }) => path);
    return paths && renderFileList(branch, paths, fault);
  };
  return [
    {
      method: 'GET',
      path: `/${repositoryName}/tree/:branch`,
      handle: ({ parameters }) => {
        const shown = list(parameters['branch'] ?? '', '');
        return shown ? createPage('Files', shown) : notFoundPage();
      },
    },
    {
      method: 'GET',
      path: `/${repositoryName}/new/:branch`,
      handle: ({ parameters, url }) => {
        const branch = parameters['branch'] ?? '';
        const path = url.searchParams.get('path')?.trim() ?? '';
        if (isPath(path)) return redirectResponse(buildFilePath(branch, path));
        const fault = path === '' ? '' : 'Enter a relative path, without ".", ".." or ".git".';
        const shown = list(branch, fault);
        return shown ? createPage('Files', shown, fault === '' ? 200 : 422) : notFoundPage();
      },
    },
  ];
};

const renderFileList = (branch: string, paths: readonly string[], fault: string): Html => {
  const rows = paths
    .slice(0, maxListed)
    .map((path) => markup`<li><a href="${buildFilePath(branch, path)}"><code>${path}</code></a></li>`);
  const more = paths.length - maxListed;
  return markup`<div class="heading"><h1>Files <span class="number">${branch}</span></h1></div>
<ul class="files card">${rows}</ul>
${more > 0 && markup`<p class="note">${more} more files are not shown.</p>`}
<form class="write card" action="/${repositoryName}/new/${encodeURIComponent(branch)}" id="add">
  <label class="title" for="path">Add a file</label>
  <input id="path" name="path" required maxlength="1000" autocomplete="off" spellcheck="false" placeholder="data/inputs.jsonl" aria-describedby="use">
  <div class="send"><span class="note" id="use">A file with one JSON value per line can be the inputs of a computation: <code>/compute inputs=data/inputs.jsonl</code></span>
  <span class="spring"></span><button class="primary">Add file</button></div>
  <p class="fault" role="alert">${fault}</p>
</form>`;
};
