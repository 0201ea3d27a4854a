import { people, repositoryName } from '../accounts.ts';
import { maxTextLength } from '../api/request-bodies.ts';
import type { MergeResult } from '../git/merge.ts';
import type { IssueRow } from '../store/issues.ts';
import type { PullRow } from '../store/pulls.ts';
import { renderPersonSelect, renderTokenInput } from './forms.ts';
import { markup, type Html } from './html.ts';

/** What a reader of a pull request wants to answer: a line of a file, or a review comment. */
export type PullSelection = {
  file: string | null;
  line: number | null;
  reply: number | null;
  formToken: string;
};

export const parsePullSelection = (query: URLSearchParams, formToken: string): PullSelection => {
  const read = (name: string): number | null => {
    const text = query.get(name) ?? '';
    return /^\d{1,9}$/.test(text) ? Number(text) : null;
  };
  return { file: query.get('file'), line: read('line'), reply: read('reply'), formToken };
};

const buildPath = (pull: number, action: string): string => `/${repositoryName}/pull/${pull}/${action}`;

type ReviewFormOptions = {
  id: string;
  action: string;
  title: string;
  more?: Html;
  cancel: string;
  formToken: string;
};

const renderReviewCommentForm = ({ id, action, title, more, cancel, formToken }: ReviewFormOptions): Html =>
  markup`<form class="write" id="${id}" method="post" action="${action}">
  ${renderTokenInput(formToken)}${more ?? false}
  <label class="title" for="${id}-body">${title}</label>
  <textarea id="${id}-body" name="body" rows="3" required maxlength="${maxTextLength}" autocomplete="off"></textarea>
  <div class="send"><span class="spring"></span><a class="button" href="${cancel}">Cancel</a>
  ${renderPersonSelect(people, null, `${id}-as`)} <button class="primary">Comment</button></div>
</form>`;

/** Renders the form for a comment on a line of the new file. */
export const renderLineForm = (
  pull: number,
  path: string,
  line: number,
  { formToken }: PullSelection,
): Html =>
  renderReviewCommentForm({
    id: 'line-comment',
    action: buildPath(pull, 'comments'),
    title: `Comment on line ${line} of ${path}`,
    more: markup`<input type="hidden" name="path" value="${path}"><input type="hidden" name="line" value="${line}">`,
    cancel: `/${repositoryName}/pull/${pull}#files`,
    formToken,
  });

/** Renders the form for a reply to a review comment. */
export const renderReplyForm = (pull: number, comment: number, formToken: string): Html =>
  renderReviewCommentForm({
    id: 'reply',
    action: buildPath(pull, `comments/${comment}/replies`),
    title: 'Reply',
    cancel: `/${repositoryName}/pull/${pull}#discussion_r${comment}`,
    formToken,
  });

/** Renders the form that submits a review. */
export const renderReviewForm = (
  pull: number,
  formToken: string,
): Html => markup`<form class="write card review-form" id="review" method="post" action="${buildPath(pull, 'reviews')}">
  ${renderTokenInput(formToken)}
  <label class="title" for="review-body">Submit a review</label>
  <textarea id="review-body" name="body" rows="3" maxlength="${maxTextLength}" autocomplete="off" placeholder="Commands work here, too"></textarea>
  <div class="send"><label for="event">Verdict</label> <select id="event" name="event">
    <option value="commented">Comment</option><option value="approved">Approve</option><option value="changes_requested">Request changes</option></select>
  <span class="spring"></span>${renderPersonSelect(people, null, 'review-as')} <button class="primary">Submit review</button></div>
</form>`;

/** Renders whether an open pull request can be merged, and the button. The form of the next comment selects the person. */
export const renderMergeBox = (pull: PullRow, issue: IssueRow, getResult: () => MergeResult): Html => {
  if (issue.state !== 'open') return markup`<section data-part="merge" hidden></section>`;
  const result = getResult();
  const content =
    'conflicts' in result
      ? markup`<p><strong>This branch has conflicts with ${pull.base}.</strong> Both changed the same lines of:</p><ul>${result.conflicts.map((path) => markup`<li><code>${path}</code></li>`)}</ul><p>Change the files on one of the branches, then merge.</p>`
      : markup`<p><strong>This branch has no conflicts with ${pull.base}.</strong> <span class="note">People with write access can merge it.</span></p>
  <button class="primary" form="write" formaction="${buildPath(pull.number, 'merge')}" formnovalidate name="head" value="${pull.headSha}">Merge pull request</button>`;
  return markup`<section class="card merge" data-part="merge" aria-label="Merge">${content}</section>`;
};
