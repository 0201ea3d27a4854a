import { mayWrite, people, repositoryName, type GitHubAccount } from '../accounts.ts';
import { resolveCommit, toBranchRef } from '../git/repository.ts';
import { selectTouching, listHistory } from '../git/history.ts';
import { findEntry, isPath } from '../git/tree.ts';
import { parseAccountId, type Commit } from '../git/commit.ts';
import type { PathParameters } from '../router.ts';
import {
  notFoundPage,
  forbiddenPage,
  findPerson,
  buildPullPath,
  redirectResponse,
  invalidFormPage,
  type PageContext,
  type PageRoute,
  type PageRequest,
} from './page-context.ts';
import { renderPersonSelect, renderTokenInput } from './forms.ts';
import { markup, type Html } from './html.ts';
import { createPage, type PageContent } from './layout.ts';
import { renderTime } from './relative-time.ts';
import { readFormText } from './post-routes.ts';

const filePath = `/${repositoryName}/blob/:branch/*path`;
const writers = people.filter(mayWrite);

/** Returns the routes that show and edit a text file, such as the policy. */
export const fileRoutes = (context: PageContext): readonly PageRoute[] => [
  {
    method: 'GET',
    path: filePath,
    handle: ({ parameters, formToken }) => {
      const file = findFile(context, parameters);
      return file ? createPage(file.path, renderFile(file, context, formToken)) : notFoundPage();
    },
  },
  { method: 'POST', path: filePath, handle: (pageRequest) => saveFile(context, pageRequest) },
];

/** A file and the latest commit that changed it. `sha` is null if the file does not exist. */
type EditedFile = {
  branch: string;
  path: string;
  sha: string | null;
  text: string;
  last: Commit | undefined;
};

const findFile = (
  { store }: PageContext,
  { branch = '', path = '' }: PathParameters,
): EditedFile | undefined => {
  const commit = resolveCommit(store, toBranchRef(branch));
  if (!commit || !isPath(path)) return undefined;
  const entry = findEntry(store.objects, commit.tree, path);
  const content = entry && store.objects.get(entry.sha);
  if (entry && (content?.kind !== 'blob' || content.content.includes(0))) return undefined;
  const [last] = selectTouching(store.objects, listHistory(store.objects, commit.sha), path);
  return { branch, path, sha: entry?.sha ?? null, text: content?.content.toString('utf8') ?? '', last };
};

const renderFile = (
  { branch, path, sha, text, last }: EditedFile,
  { accounts }: PageContext,
  formToken: string,
): Html => {
  const lastChange = last
    ? markup`<strong>${accounts.getById(parseAccountId(last.author)).login}</strong> committed “${last.message}” ${renderTime(last.author.date)} · <code>${last.sha.slice(0, 7)}</code>`
    : 'This file does not exist yet. Saving creates it.';
  // HTML parsers drop the first line break in a textarea. Without an extra one, they would drop one of the text.
  return markup`<div class="heading"><h1>${path} <span class="number">${branch}</span></h1><p>${lastChange}</p></div>
<form class="write card" method="post" action="/${repositoryName}/blob/${branch}/${path}">
  ${renderTokenInput(formToken)}
  <label class="title" for="body">File content</label>
  <textarea id="body" name="body" class="file" rows="24" spellcheck="false" autocomplete="off">
${text}</textarea>
  <input type="hidden" name="sha" value="${sha ?? ''}">
  <label class="unseen" for="message">Commit message</label>
  <input id="message" name="message" required maxlength="200" value="${sha === null ? 'Add' : 'Change'} ${path}">
  <div class="send"><span class="spring"></span>
    <label class="as" for="to">commit</label> <select id="to" name="to"><option value="branch">to ${branch}</option><option value="pull">as a pull request</option></select>
    ${renderPersonSelect(writers, null)} <button class="primary">Commit</button></div>
</form>`;
};

const saveFile = (context: PageContext, { parameters, form }: PageRequest): Response | PageContent => {
  const file = findFile(context, parameters);
  const author = findPerson(form);
  const message = form.get('message')?.trim() ?? '';
  if (!file || !author || message === '') return invalidFormPage();
  if (!mayWrite(author)) return forbiddenPage(`${author.login} cannot change files.`);
  if ((file.sha ?? '') !== form.get('sha'))
    return forbiddenPage('The file has been changed since you opened it. Open it again.', 409);
  const text = readFormText(form);
  if (text === file.text) return redirectResponse(`/${repositoryName}/blob/${file.branch}/${file.path}`);
  const written = { path: file.path, content: Buffer.from(text) };
  if (form.get('to') === 'pull') return openPullRequest(context, file, author, { ...written, message });
  context.services.commitFile(author, { name: file.branch, fork: null }, written, message);
  return redirectResponse(`/${repositoryName}/blob/${file.branch}/${file.path}`);
};

/** Commits to a new branch, and opens a pull request from it. */
const openPullRequest = (
  { store, services }: PageContext,
  { branch: base }: EditedFile,
  author: GitHubAccount,
  { path, content, message }: { path: string; content: Uint8Array; message: string },
): Response => {
  let number = 1;
  const name = (): string => `${author.login}-patch-${number}`;
  while (store.refs.get(toBranchRef(name())) !== undefined) number += 1;
  const head = { name: name(), fork: null };
  services.createBranch(head, store.refs.get(toBranchRef(base)) as string);
  services.commitFile(author, head, { path, content }, message);
  const pull = services.openPullRequest(author, { title: message, body: '', base, head });
  return redirectResponse(buildPullPath(pull.number));
};
