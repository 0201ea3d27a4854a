import { countColumns, padText, applyStyle, wrapText } from './terminal-text.ts';

const gap = '  ';
const minColumnWidth = 8;

/**
 * Renders the rows of a table, of which the first is the header, as lines with aligned columns. If the table is wider than `width`, the
 * widest columns shrink, and their cells wrap.
 */
export const renderTable = (rows: readonly string[][], width: number): string[] => {
  const [head = [], ...body] = rows;
  const cells = [head.map((cell) => applyStyle('bold', cell)), ...body];
  const widths = fitWidths(measureColumns(cells), width);
  return cells.flatMap((row) => renderRow(row, widths));
};

const measureColumns = (rows: readonly string[][]): number[] =>
  (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.flatMap((row) => (row[at] ?? '').split('\n').map((line) => countColumns(line)))),
  );

const fitWidths = (natural: readonly number[], width: number): number[] => {
  const widths = [...natural];
  const room = width - gap.length * (widths.length - 1);
  const total = (): number => widths.reduce((sum, one) => sum + one, 0);
  while (total() > room) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= minColumnWidth) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
};

const renderRow = (row: readonly string[], widths: readonly number[]): string[] => {
  const cells = widths.map((width, at) => wrapText(row[at] ?? '', width));
  const height = Math.max(1, ...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((cell, at) => padText(cell[line] ?? '', widths[at] ?? 0))
      .join(gap)
      .trimEnd(),
  );
};
