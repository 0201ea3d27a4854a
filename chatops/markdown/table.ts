import { escapeTableCell } from './untrusted-text.ts';

/** Formats a table. Its cells are one line of Markdown each; bars in them are escaped. */
export const formatTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows.map((row) => row.map(escapeTableCell))]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
