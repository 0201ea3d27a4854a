const fencePattern = /^ {0,3}(`{3,}|~{3,})/;
const note = '… the rest is left out, as a comment holds no more.';

/** What is open after a line of Markdown: the fence, and how many `<details>`. */
type Open = { fence: string; details: number };

const after = (open: Open, line: string): Open => {
  const fence = fencePattern.exec(line)?.[1];
  if (open.fence !== '') {
    const closes = fence !== undefined && fence.startsWith(open.fence) && line.trim() === fence;
    return closes ? { ...open, fence: '' } : open;
  }
  if (fence !== undefined) return { ...open, fence };
  const details = open.details + count(line, '<details>') - count(line, '</details>');
  return { ...open, details: Math.max(0, details) };
};

const count = (line: string, tag: string): number => (line.startsWith(tag) ? 1 : 0);

const closing = ({ fence, details }: Open): string =>
  `${fence === '' ? '' : `\n${fence}`}${'\n\n</details>'.repeat(details)}\n\n${note}`;

/**
 * Markdown of ours in at most `room` characters (UTF-16): whole lines from its start, what they opened closed, and a word on
 * the cut.
 */
export const truncateMarkdown = (markdown: string, room: number): string => {
  if (markdown.length <= room) return markdown;
  let open: Open = { fence: '', details: 0 };
  let end = -1;
  let kept = { end: 0, tail: note };
  for (const line of markdown.split('\n')) {
    open = after(open, line);
    end += line.length + 1;
    if (end > room) break;
    const tail = closing(open);
    if (end + tail.length <= room) kept = { end, tail };
  }
  return (markdown.slice(0, kept.end) + kept.tail).slice(0, Math.max(0, room));
};
