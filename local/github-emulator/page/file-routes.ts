import { mayWrite, people, repositoryName, type Account } from '../accounts.ts';
import { commitAt, refOf } from '../git/repository.ts';
import { touching, historyOf } from '../git/history.ts';
import { entryAt, isPath } from '../git/tree.ts';
import { accountIn, type Commit } from '../git/commit.ts';
import type { Parameters } from '../router.ts';
import {
  missing,
  notTaken,
  personIn,
  pullPage,
  redirect,
  refused,
  type PageDesk,
  type PageRoute,
  type Visit,
} from './page-context.ts';
import { personSelect, tokenInput } from './forms.ts';
import { markup, type Html } from './html.ts';
import { pageAnswer } from './layout.ts';
import { timeShown } from './relative-time.ts';
import { linesOf } from './post-routes.ts';

const filePath = `/${repositoryName}/blob/:branch/*path`;
const writers = people.filter(mayWrite);

/** A file that is text, to be read and changed: above all the policy. */
export const fileRoutes = (desk: PageDesk): readonly PageRoute[] => [
  {
    method: 'GET',
    path: filePath,
    handle: ({ parameters, formToken }) => {
      const place = placeOf(desk, parameters);
      return place ? pageAnswer(place.path, fileView(place, desk, formToken)) : missing();
    },
  },
  { method: 'POST', path: filePath, handle: (visit) => saving(desk, visit) },
];

/** `sha` and `text` of the file as it is; null if there is none. */
type Place = { branch: string; path: string; sha: string | null; text: string; last: Commit | undefined };

const placeOf = ({ store }: PageDesk, { branch = '', path = '' }: Parameters): Place | undefined => {
  const commit = commitAt(store, refOf(branch));
  if (!commit || !isPath(path)) return undefined;
  const entry = entryAt(store.objects, commit.tree, path);
  const content = entry && store.objects.get(entry.sha);
  if (entry && (content?.kind !== 'blob' || content.content.includes(0))) return undefined;
  const [last] = touching(store.objects, historyOf(store.objects, commit.sha), path);
  return { branch, path, sha: entry?.sha ?? null, text: content?.content.toString('utf8') ?? '', last };
};

const fileView = (
  { branch, path, sha, text, last }: Place,
  { accounts }: PageDesk,
  formToken: string,
): Html => {
  const told = last
    ? markup`<strong>${accounts.byId(accountIn(last.author)).login}</strong> committed “${last.message}” ${timeShown(last.author.date)} · <code>${last.sha.slice(0, 7)}</code>`
    : 'There is no such file yet: what you write here begins it.';
  // A parser drops the line break that begins a textarea: without ours it would be one of the text.
  return markup`<div class="heading"><h1>${path} <span class="number">${branch}</span></h1><p>${told}</p></div>
<form class="write card" method="post" action="/${repositoryName}/blob/${branch}/${path}">
  ${tokenInput(formToken)}
  <label class="title" for="body">The file</label>
  <textarea id="body" name="body" class="file" rows="24" spellcheck="false" autocomplete="off">
${text}</textarea>
  <input type="hidden" name="sha" value="${sha ?? ''}">
  <label class="unseen" for="message">Commit message</label>
  <input id="message" name="message" required maxlength="200" value="${sha === null ? 'Add' : 'Change'} ${path}">
  <div class="send"><span class="spring"></span>
    <label class="as" for="to">commit</label> <select id="to" name="to"><option value="branch">to ${branch}</option><option value="pull">as a pull request</option></select>
    ${personSelect(writers, null)} <button class="primary">Commit</button></div>
</form>`;
};

const saving = (desk: PageDesk, { parameters, form }: Visit): Response => {
  const place = placeOf(desk, parameters);
  const author = personIn(form);
  const message = form.get('message')?.trim() ?? '';
  if (!place || !author || message === '') return refused();
  if (!mayWrite(author)) return notTaken(`${author.login} may not change files.`);
  if ((place.sha ?? '') !== form.get('sha'))
    return notTaken('Somebody has changed the file meanwhile: open it again.', 409);
  const text = linesOf(form);
  if (text === place.text) return redirect(`/${repositoryName}/blob/${place.branch}/${place.path}`);
  const written = { path: place.path, content: Buffer.from(text) };
  if (form.get('to') === 'pull') return proposing(desk, place, author, { ...written, message });
  desk.activity.write(author, { name: place.branch, fork: null }, written, message);
  return redirect(`/${repositoryName}/blob/${place.branch}/${place.path}`);
};

/** Commits to a new branch, and opens a pull request from it. */
const proposing = (
  { store, activity }: PageDesk,
  { branch: base }: Place,
  author: Account,
  { path, content, message }: { path: string; content: Uint8Array; message: string },
): Response => {
  let number = 1;
  const name = (): string => `${author.login}-patch-${number}`;
  while (store.refs.get(refOf(name())) !== undefined) number += 1;
  const head = { name: name(), fork: null };
  activity.branch(head, store.refs.get(refOf(base)) as string);
  activity.write(author, head, { path, content }, message);
  const pull = activity.propose(author, { title: message, body: '', base, head });
  return redirect(pullPage(pull.number));
};
