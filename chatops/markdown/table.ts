import { escapeTableCell } from './untrusted-text.ts';

/** The alignment of a column: `undefined` leaves it to the page. */
export type Alignment = 'left' | 'center' | 'right' | undefined;

/** Formats a table. Its cells are one line of Markdown each; bars in them are escaped. */
export const formatTable = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[] = [],
): string =>
  [
    head,
    head.map((_, at) => delimiters[alignments[at] ?? 'none']),
    ...rows.map((row) => row.map(escapeTableCell)),
  ]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');

const delimiters = { none: '---', left: ':--', center: ':-:', right: '--:' } as const;
