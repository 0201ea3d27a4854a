import { escapeTableCell } from './untrusted-text.ts';

/** A table. Its cells are Markdown of one line, in which bars need not be escaped. */
export const formatTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows.map((row) => row.map(escapeTableCell))]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
