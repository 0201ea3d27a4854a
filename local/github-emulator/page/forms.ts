import { mayChange, people, repositoryName, teams, type PersonAccount } from '../accounts.ts';
import { maxTextLength } from '../api/request-bodies.ts';
import type { CommentRow } from '../store/comments.ts';
import { markup, type Html } from './html.ts';

/** The form field with the token that proves that the form comes from a page of its session. */
export const tokenField = 'token';

export const renderTokenInput = (formToken: string): Html =>
  markup`<input type="hidden" name="${tokenField}" value="${formToken}">`;

/** Commands that the page suggests below the form. */
const hints = [
  '/help',
  '/compute 1000',
  '/run Hello who=world',
  '/run Deploy place=staging version=1.2',
  '/tasks',
];

const issuesPath = `/${repositoryName}/issues`;

/** Renders the form for a new comment. The page's script sends it without leaving the page. */
export const renderCommentForm = (issue: number, chosen: string | null, formToken: string): Html => {
  const chips = hints.map(
    (hint) => markup` <button type="button" class="chip" data-hint="${hint}">${hint}</button>`,
  );
  return markup`<form class="write card" id="write" method="post" action="${issuesPath}/${issue}/comments" data-write>
  ${renderTokenInput(formToken)}
  <label class="title" for="body">Add a comment</label>
  <textarea id="body" name="body" rows="4" required maxlength="${maxTextLength}" autocomplete="off" aria-describedby="keys" data-keep
    placeholder="Type a command, such as /compute 1000, or any text"></textarea>
  <p class="hints" data-hints hidden><span>Try</span>${chips} <span>Inputs from a file: <a href="/${repositoryName}/new/main">add a file</a></span></p>
  <div class="send">
    <span id="keys" class="note">Markdown works. <kbd>Ctrl</kbd> <kbd>Enter</kbd> sends the comment.</span><span class="spring"></span>
    ${renderPersonSelect(people, chosen)} <button class="primary">Comment</button>
  </div>
  <p class="fault" role="alert" data-fault></p>
</form>`;
};

/** Renders the form that opens an issue. */
export const renderIssueForm = (
  formToken: string,
): Html => markup`<form class="write card" method="post" action="${issuesPath}">
  ${renderTokenInput(formToken)}
  <label class="title" for="title">Open an issue</label>
  <input id="title" name="title" required maxlength="256" placeholder="Title" autocomplete="off">
  <label class="unseen" for="body">Text</label>
  <textarea id="body" name="body" rows="4" maxlength="${maxTextLength}" placeholder="Describe the issue"></textarea>
  <div class="send"><span class="spring"></span>${renderPersonSelect(people, null)} <button class="primary">Open issue</button></div>
</form>`;

/** Renders the form that edits a comment. */
export const renderEditForm = (comment: CommentRow, formToken: string): Html => {
  const { id, issue, body } = comment;
  const page = `${issuesPath}/${issue}`;
  // HTML parsers drop the first line break in a textarea. Without an extra one, they would drop one of the text.
  return markup`<div class="heading"><h1>Edit a comment</h1></div>
<form class="write card" method="post" action="${page}/comments/${id}/edit">
  ${renderTokenInput(formToken)}
  <label class="title" for="body">Text</label>
  <textarea id="body" name="body" rows="8" required maxlength="${maxTextLength}">
${body}</textarea>
  <div class="send">
    <span class="spring"></span><a class="button" href="${page}#issuecomment-${id}">Cancel</a>
    ${renderEditorSelect(comment)} <button class="primary">Save</button>
  </div>
</form>`;
};

/** Renders the page that asks before it deletes a comment. Without a script, the comment's menu leads here. */
export const renderDeleteForm = (comment: CommentRow, text: Html, formToken: string): Html => {
  const { id, issue } = comment;
  const page = `${issuesPath}/${issue}`;
  return markup`<div class="heading"><h1>Delete this comment?</h1></div>
<div class="card body">${text}</div>
<form class="write card" method="post" action="${page}/comments/${id}/delete">
  ${renderTokenInput(formToken)}
  <div class="send">
    <span class="note">You cannot undo this.</span><span class="spring"></span><a class="button" href="${page}#issuecomment-${id}">Cancel</a>
    ${renderEditorSelect(comment)} <button class="danger">Delete</button>
  </div>
</form>`;
};

/** Renders the selection of a person who may change a comment: at first its author, if that is a person. */
const renderEditorSelect = (comment: CommentRow): Html => {
  const may = people.filter((person) => mayChange(person, comment));
  return renderPersonSelect(may, may.find(({ id }) => id === comment.author)?.login ?? null);
};

/** Renders the selection of the form's author. Shows each person's permission level and teams, as the bot sees them. */
export const renderPersonSelect = (
  from: readonly PersonAccount[],
  chosen: string | null,
  id = 'as',
): Html => {
  const options = from.map(({ id: person, login, role }) => {
    const slugs = teams.filter(({ members }) => members.some((member) => member.id === person));
    const details = [role, ...slugs.map(({ slug }) => slug)].join(', ');
    return markup`<option value="${login}"${login === chosen && markup` selected`}>${login} (${details})</option>`;
  });
  return markup`<span class="who"><label class="as" for="${id}">as</label> <select id="${id}" name="as">${options}</select></span>`;
};
