import { renderMarkdown } from './thread/markdown.ts';
import { renderTable } from './thread/table.ts';

/** Prints the answer of a command with --json: in one line, or indented on a terminal. */
export const printJson = (value: unknown): void =>
  console.log(JSON.stringify(value, undefined, process.stdout.isTTY ? 2 : 0));

const getWidth = (): number => (process.stdout.isTTY ? process.stdout.columns : Infinity);

/** Prints a table, of which the first row is the header. */
export const printTable = (rows: readonly string[][]): void =>
  console.log(renderTable(rows, getWidth()).join('\n'));

/** Prints Markdown, with links on a terminal. */
export const printMarkdown = (markdown: string): void =>
  console.log(renderMarkdown(markdown, { width: getWidth(), links: process.stdout.isTTY }).join('\n'));

/** Prints a remark that is not part of the answer. */
export const printRemark = (text: string): void => console.error(text);
