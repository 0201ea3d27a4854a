import { parsePatch, type FileChange, type PatchHunk, type PatchLine } from '../git/diff.ts';
import type { ReviewCommentRow } from '../store/review-comments.ts';
import { markup, type Html } from './html.ts';
import { buildPullPath } from './page-context.ts';
import { renderLineForm, type PullSelection } from './pull-forms.ts';

/** The maximum number of files, and of lines of one file, that are shown. */
const maxFiles = 100;
const maxLines = 1_000;

type DiffView = {
  pull: number;
  files: readonly FileChange[];
  comments: readonly ReviewCommentRow[];
  /** Whether lines can be commented on. */
  isOpen: boolean;
  selection: PullSelection;
};

/** Renders the files that a pull request changes, with a link to comment on each line. The page's script replaces them on changes. */
export const renderDiff = (view: DiffView): Html => {
  const { files } = view;
  const [additions, deletions] = (['additions', 'deletions'] as const).map((key) =>
    files.reduce((sum, file) => sum + file[key], 0),
  );
  const more = files.length - maxFiles;
  return markup`<section class="changes" id="files" data-part="diff" aria-labelledby="files-title">
  <h2 id="files-title">Files changed <span class="badge">${files.length}</span> ${renderCounts({ additions: additions ?? 0, deletions: deletions ?? 0 })}</h2>
  ${files.slice(0, maxFiles).map((file) => renderFile(file, view))}
  ${more > 0 && markup`<p class="note">${more} more files are not shown.</p>`}
</section>`;
};

const renderCounts = ({ additions, deletions }: Pick<FileChange, 'additions' | 'deletions'>): Html =>
  markup`<span class="added" aria-label="${additions} lines added">+${additions}</span> <span class="removed" aria-label="${deletions} lines removed">−${deletions}</span>`;

const renderFile = (file: FileChange, view: DiffView): Html => {
  const { path, status, additions, deletions, patch } = file;
  const note =
    patch === undefined
      ? additions + deletions > 0
        ? 'The changes are too many to be shown.'
        : 'A binary file.'
      : patch === '' && 'The file has no changed lines.';
  return markup`<details class="card file-change" open><summary><code>${path}</code> ${status !== 'modified' && markup`<span class="badge">${status}</span>`} ${renderCounts(file)}</summary>
  ${note !== false ? markup`<p class="note">${note}</p>` : renderLines(path, patch ?? '', view)}
</details>`;
};

const renderLines = (path: string, patch: string, view: DiffView): Html => {
  let room = maxLines;
  const hunks = parsePatch(patch).flatMap(({ header, lines }): PatchHunk[] => {
    const shown = lines.slice(0, room);
    room -= shown.length;
    return shown.length > 0 ? [{ header, lines: shown }] : [];
  });
  const rows = hunks.map(
    ({ header, lines }) =>
      markup`<tr class="hunk"><td></td><td></td><td>${header}</td></tr>${lines.map((line) => renderLine(path, line, view))}`,
  );
  return markup`<div class="scroll" role="group" aria-label="Changes of ${path}" tabindex="0"><table class="diff"><tbody>${rows}</tbody></table></div>
  ${room <= 0 && markup`<p class="note">Only the first ${maxLines} lines are shown.</p>`}`;
};

const kinds = { '+': 'plus', '-': 'minus', ' ': '' } as const;

const renderLine = (path: string, { sign, old, new: now, text }: PatchLine, view: DiffView): Html => {
  const { pull, isOpen, comments, selection } = view;
  const said = comments.filter((comment) => comment.path === path && comment.line === now && now !== null);
  const query = new URLSearchParams({ file: path, line: String(now) }).toString();
  const number =
    now === null || !isOpen
      ? now
      : markup`<a href="${buildPullPath(pull)}?${query}#line-comment" aria-label="Comment on line ${now} of ${path}">${now}</a>`;
  return markup`<tr class="${kinds[sign]}"><td class="n">${old ?? ''}</td><td class="n">${number ?? ''}</td><td class="code-line"><span class="sign">${sign}</span>${text}${said.length > 0 && markup` <a class="said" href="#discussion_r${said[0]?.id}">${said.length} ${said.length === 1 ? 'comment' : 'comments'}</a>`}</td></tr>${isOpen && now !== null && selection.file === path && selection.line === now && markup`<tr><td colspan="3" class="form-cell">${renderLineForm(pull, path, now, selection)}</td></tr>`}`;
};

/** Renders the last lines of a hunk above a comment on it. */
export const renderHunkEnd = (diffHunk: string): Html | false => {
  const lines = parsePatch(diffHunk).at(-1)?.lines.slice(-4) ?? [];
  const rows = lines.map(
    ({ sign, old, new: now, text }) =>
      markup`<tr class="${kinds[sign]}"><td class="n">${old ?? ''}</td><td class="n">${now ?? ''}</td><td class="code-line"><span class="sign">${sign}</span>${text}</td></tr>`,
  );
  return (
    rows.length > 0 &&
    markup`<div class="scroll" role="group" aria-label="The lines that the comment is about" tabindex="0"><table class="diff"><tbody>${rows}</tbody></table></div>`
  );
};
