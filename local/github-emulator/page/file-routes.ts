import { mayWrite, people, repositoryName, type GitHubAccount } from '../accounts.ts';
import { resolveCommit, toBranchRef } from '../git/repository.ts';
import { selectTouching, listHistory } from '../git/history.ts';
import { escapePath } from '../serializers/git.ts';
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
import { buildFilePath } from './file-list.ts';
import type { FileProblem } from './file-check.ts';
import { createPage, htmlResponse, type PageContent } from './layout.ts';
import { renderTime } from './relative-time.ts';
import { readFormText } from './post-routes.ts';

const filePath = `/${repositoryName}/blob/:branch/*path`;
const checkPath = `/${repositoryName}/check/:branch/*path`;
const writers = people.filter(mayWrite);

/** Returns the routes that show and edit a text file, such as the policy. */
export const fileRoutes = (context: PageContext): readonly PageRoute[] => [
  {
    method: 'GET',
    path: filePath,
    handle: ({ parameters, formToken }) => {
      const file = findFile(context, parameters);
      return file ? createPage(file.path, renderFile(file, context, { formToken })) : notFoundPage();
    },
  },
  { method: 'POST', path: filePath, handle: (pageRequest) => saveFile(context, pageRequest) },
  {
    method: 'POST',
    path: checkPath,
    handle: async ({ parameters, form }) => {
      const problems = await checkFile(context, parameters['path'] ?? '', readFormText(form));
      return htmlResponse(renderProblems(problems));
    },
  },
];

/** Returns the problems of a file's content; undefined if nothing checks this file. */
const checkFile = async (
  { fileCheck }: PageContext,
  path: string,
  text: string,
): Promise<readonly FileProblem[] | undefined> =>
  fileCheck?.path === path ? fileCheck.check(text) : undefined;

const renderProblems = (problems: readonly FileProblem[] | undefined): Html => {
  if (!problems) return markup`<div data-problems></div>`;
  if (problems.length === 0) return markup`<div data-problems class="note">The file is valid.</div>`;
  const items = problems.map(
    ({ line, message }) => markup`<li><strong>Line ${line}</strong>: ${message}</li>`,
  );
  return markup`<div data-problems class="problems"><p>${problems.length === 1 ? 'The file has a problem:' : `The file has ${problems.length} problems:`}</p><ul>${items}</ul></div>`;
};

/** An attempt to commit a file with problems. */
type Draft = {
  text: string;
  message: string;
  to: 'branch' | 'pull';
  author: string;
  problems: readonly FileProblem[];
};

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
  { accounts, fileCheck }: PageContext,
  { formToken, draft }: { formToken: string; draft?: Draft },
): Html => {
  const isChecked = fileCheck?.path === path;
  const to = draft?.to ?? 'branch';
  const option = (value: Draft['to'], label: string): Html =>
    markup`<option value="${value}"${value === to && markup` selected`}>${label}</option>`;
  const lastChange = last
    ? markup`<strong>${accounts.getById(parseAccountId(last.author)).login}</strong> committed “${last.message}” ${renderTime(last.author.date)} · <code>${last.sha.slice(0, 7)}</code>`
    : 'This file does not exist yet. Saving creates it.';
  // HTML parsers drop the first line break in a textarea. Without an extra one, they would drop one of the text.
  return markup`<div class="heading"><h1>${path} <span class="number">${branch}</span></h1><p>${lastChange}</p></div>
<form class="write card" method="post" action="${buildFilePath(branch, path)}">
  ${renderTokenInput(formToken)}
  <label class="title" for="body">File content</label>
  <textarea id="body" name="body" class="file" rows="24" spellcheck="false" autocomplete="off"${isChecked && markup` aria-describedby="problems" data-check="/${repositoryName}/check/${encodeURIComponent(branch)}/${escapePath(path)}"`}>
${draft?.text ?? text}</textarea>
  ${isChecked && markup`<div id="problems" role="status">${renderProblems(draft?.problems)}</div>`}
  ${draft && markup`<label class="choice"><input type="checkbox" name="anyway" value="yes" required> Commit it anyway. Until the file is valid on ${branch}, every command is refused.</label>`}
  <input type="hidden" name="sha" value="${sha ?? ''}">
  <label class="unseen" for="message">Commit message</label>
  <input id="message" name="message" required maxlength="200" value="${draft?.message ?? `${sha === null ? 'Add' : 'Change'} ${path}`}">
  <div class="send"><span class="spring"></span>
    <label class="as" for="to">commit</label> <select id="to" name="to">${option('branch', `to ${branch}`)}${option('pull', 'as a pull request')}</select>
    ${renderPersonSelect(writers, draft?.author ?? null)} <button class="primary">Commit</button></div>
</form>`;
};

const saveFile = async (
  context: PageContext,
  { parameters, form, formToken }: PageRequest,
): Promise<Response | PageContent> => {
  const file = findFile(context, parameters);
  const author = findPerson(form);
  const message = form.get('message')?.trim() ?? '';
  if (!file || !author || message === '') return invalidFormPage();
  if (!mayWrite(author)) return forbiddenPage(`${author.login} cannot change files.`);
  if ((file.sha ?? '') !== form.get('sha'))
    return forbiddenPage('The file has been changed since you opened it. Open it again.', 409);
  const text = readFormText(form);
  if (text === file.text) return redirectResponse(buildFilePath(file.branch, file.path));
  const to = form.get('to') === 'pull' ? 'pull' : 'branch';
  const problems = (await checkFile(context, file.path, text)) ?? [];
  // Like GitHub, the page lets people commit what it does not understand, if they mean to. A pull request gets the check of the app.
  if (problems.length > 0 && to === 'branch' && form.get('anyway') !== 'yes') {
    const draft = { text, message, to, author: author.login, problems } as const;
    return createPage(file.path, renderFile(file, context, { formToken, draft }), 422);
  }
  const written = { path: file.path, content: Buffer.from(text) };
  if (to === 'pull') return openPullRequest(context, file, author, { ...written, message });
  context.services.commitFile(author, { name: file.branch, fork: null }, written, message);
  return redirectResponse(buildFilePath(file.branch, file.path));
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
