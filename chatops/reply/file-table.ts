import type { FileTable } from '../../contracts/task-files.ts';
import { fileLimits } from '../../contracts/task-files.ts';
import { splitWords } from '../markdown/plain-words.ts';
import { formatTable, type Alignment } from '../markdown/table.ts';
import { escapeTableCell, toCodeSpan } from '../markdown/untrusted-text.ts';

/** The columns that are shown, and the maximum length of a cell, in characters. More would not fit on a page. */
const maxColumns = 10;
const maxCellLength = 60;

/** Renders the first rows of a CSV file as a table, in at most `maxLength` characters; undefined if not even one row fits. */
export const renderFileTable = (table: FileTable, maxLength: number): string | undefined => {
  const width = Math.min(maxColumns, Math.max(table.header.length, ...table.rows.map((row) => row.length)));
  if (width === 0) return undefined;
  for (let count = table.rows.length; count > 0 || table.rows.length === 0; count -= 1) {
    const markdown = `${formatCaption(table, count, width)}\n\n${renderRows(table, count, width)}`;
    if (markdown.length <= maxLength) return markdown;
    if (count === 0) return undefined;
  }
  return undefined;
};

/** States which part of the file the table shows. */
const formatCaption = (
  { name, header, rows, truncated }: FileTable,
  count: number,
  width: number,
): string => {
  const hasMoreRows = count < rows.length || (truncated && count === fileLimits.tableRows);
  const hasMoreColumns = header.length > width || (truncated && width === fileLimits.tableColumns);
  const parts = [
    ...(hasMoreRows ? [count === 1 ? 'row' : `${count} rows`] : []),
    ...(hasMoreColumns ? [`${width} columns`] : []),
  ];
  const part = parts.length > 0 ? `First ${parts.join(' and ')} of ` : truncated ? 'The beginning of ' : '';
  return `${part}${toCodeSpan(name)}:`;
};

type Column = { cells: string[]; alignment: Alignment };

const renderRows = ({ header, rows }: FileTable, count: number, width: number): string => {
  const shown = rows.slice(0, count);
  const columns = Array.from({ length: width }, (_, at) => formatColumn(shown.map((row) => row[at] ?? '')));
  return formatTable(
    Array.from({ length: width }, (_, at) => escapeTableCell(formatCell(header[at] ?? ''))),
    shown.map((_, row) => columns.map(({ cells }) => cells[row] ?? '')),
    columns.map(({ alignment }) => alignment),
  );
};

/** Formats the cells of a column: as plain text if all of them can be, otherwise all as code, so that the column looks alike. */
const formatColumn = (cells: readonly string[]): Column => {
  const isNumeric = cells.some((cell) => cell !== '') && cells.every((cell) => numberPattern.test(cell));
  const plain = cells.map(toPlainText);
  return {
    cells: plain.every((cell) => cell !== undefined) ? plain : cells.map(formatCode),
    alignment: isNumeric ? 'right' : undefined,
  };
};

const numberPattern = /^(?:[+-]?[\d.,' ]{0,40}\d(?:e[+-]?\d{1,3})? ?%?)?$/i;

const formatCell = (cell: string): string => toPlainText(cell) ?? formatCode(cell);

/** Returns the text of a cell if it has no meaning in Markdown. */
const toPlainText = (cell: string): string | undefined => {
  const pieces = splitWords(shorten(cell.trim()), false);
  return pieces.every(({ kind }) => kind === 'plain') ? pieces.map(({ value }) => value).join('') : undefined;
};

const formatCode = (cell: string): string => (cell.trim() === '' ? '' : toCodeSpan(shorten(cell), Infinity));

const shorten = (cell: string): string =>
  cell.length <= maxCellLength ? cell : `${cell.slice(0, maxCellLength).replace(/[\uD800-\uDBFF]$/, '')}…`;
