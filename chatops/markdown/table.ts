import { inCell } from './untrusted-text.ts';

/** A table. Its cells are Markdown of one line, in which bars need not be escaped. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows.map((row) => row.map(inCell))]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
