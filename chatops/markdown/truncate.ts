const fencePattern = /^ {0,3}(`{3,}|~{3,})/;
const truncationNote = '… The rest does not fit into a comment.';

/** What a line of Markdown leaves open: the fence, and the number of `<details>`. */
type OpenMarkup = { fence: string; details: number };

/** Returns what is left open after a line. */
const applyLine = (state: OpenMarkup, line: string): OpenMarkup => {
  const fence = fencePattern.exec(line)?.[1];
  if (state.fence !== '') {
    const closes = fence !== undefined && fence.startsWith(state.fence) && line.trim() === fence;
    return closes ? { ...state, fence: '' } : state;
  }
  if (fence !== undefined) return { ...state, fence };
  const details = state.details + countAtLineStart(line, '<details>') - countAtLineStart(line, '</details>');
  return { ...state, details: Math.max(0, details) };
};

const countAtLineStart = (line: string, tag: string): number => (line.startsWith(tag) ? 1 : 0);

const formatClosing = ({ fence, details }: OpenMarkup): string =>
  `${fence === '' ? '' : `\n${fence}`}${'\n\n</details>'.repeat(details)}\n\n${truncationNote}`;

/**
 * Truncates our own Markdown to at most `maxLength` characters (UTF-16): keeps whole lines from its start, closes what they opened,
 * and appends a note.
 */
export const truncateMarkdown = (markdown: string, maxLength: number): string => {
  if (markdown.length <= maxLength) return markdown;
  let open: OpenMarkup = { fence: '', details: 0 };
  let end = -1;
  let best = { end: 0, tail: truncationNote };
  for (const line of markdown.split('\n')) {
    open = applyLine(open, line);
    end += line.length + 1;
    if (end > maxLength) break;
    const tail = formatClosing(open);
    if (end + tail.length <= maxLength) best = { end, tail };
  }
  return (markdown.slice(0, best.end) + best.tail).slice(0, Math.max(0, maxLength));
};
