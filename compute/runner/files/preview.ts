import { parse } from 'csv-parse/sync';
import { fileLimits, type FileTable } from '../../../contracts/task-files.ts';
import type { Redactor } from '../log/redactor.ts';
import type { OpenFile } from './open-file.ts';

/** The bytes of a CSV file that are read. */
const maxCsvBytes = 64 * 1024;

/** Reads the beginning of a Markdown file, with secrets masked. @throws the system's error */
export const readSummary = async (file: OpenFile, redactor: Redactor): Promise<string> => {
  const { bytes, isWhole } = await readHead(file, fileLimits.summaryBytes);
  return decode(redactor.mask(bytes, isWhole)).slice(0, fileLimits.summaryBytes);
};

/** Reads the beginning of a CSV file, with secrets masked. @returns undefined if it has no record @throws the system's error */
export const readTable = async (
  file: OpenFile,
  name: string,
  redactor: Redactor,
): Promise<FileTable | undefined> => {
  const { bytes, isWhole } = await readHead(file, maxCsvBytes);
  const { records, hasMore } = parseRecords(decode(redactor.mask(bytes, isWhole)), isWhole);
  const hasMoreColumns = records.some(({ length }) => length > fileLimits.tableColumns);
  // Secrets can be written differently in a cell: a quotation mark is doubled.
  const masked = records.map((record) =>
    record.slice(0, fileLimits.tableColumns).map((cell) => decode(redactor.mask(Buffer.from(cell)))),
  );
  const hasMoreText = masked.flat().some(({ length }) => length > fileLimits.cellCharacters);
  const [header, ...rows] = masked.map((record) => record.map(cutCell));
  if (!header) return undefined;
  return { name, header, rows, truncated: hasMore || hasMoreColumns || hasMoreText };
};

/** Leaves out rows, from the end of the last table on, so that all tables together have a limited size. */
export const limitTables = (tables: readonly FileTable[]): FileTable[] => {
  let free: number = fileLimits.tableCharacters;
  const fits = (row: readonly string[]): boolean => {
    free -= row.reduce((sum, cell) => sum + cell.length, 0);
    return free >= 0;
  };
  return tables.flatMap(({ header, rows, truncated, ...table }) => {
    if (!fits(header)) return [];
    const shown = rows.filter(fits);
    return [{ ...table, header, rows: shown, truncated: truncated || shown.length < rows.length }];
  });
};

const readHead = async (
  { handle, bytes }: OpenFile,
  maxBytes: number,
): Promise<{ bytes: Buffer; isWhole: boolean }> => {
  const head = Buffer.alloc(Math.min(bytes, maxBytes));
  let filled = 0;
  while (filled < head.length) {
    const { bytesRead } = await handle.read(head, filled, head.length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return { bytes: head.subarray(0, filled), isWhole: bytes <= maxBytes };
};

/** Decodes UTF-8 without a byte order mark and without an incomplete last character. */
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes, { stream: true });

/** Parses the header and the first rows of CSV. The rest can be invalid, or can be cut anywhere. */
const parseRecords = (text: string, isWhole: boolean): { records: string[][]; hasMore: boolean } => {
  const records: string[][] = [];
  const maxRecords = 1 + fileLimits.tableRows;
  let isComplete = isWhole;
  try {
    parse(text, {
      delimiter: findDelimiter(text),
      to: maxRecords + 1,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      on_record: (record: string[]) => void records.push(record),
    });
  } catch {
    isComplete = false;
  }
  // The last record of a cut text can be incomplete.
  if (!isWhole && records.length > 1 && records.length <= maxRecords) records.pop();
  return { records: records.slice(0, maxRecords), hasMore: !isComplete || records.length > maxRecords };
};

const delimiters = [',', ';', '\t'];

/** Returns the delimiter that occurs most often in the first line; spreadsheets in some languages write semicolons. */
const findDelimiter = (text: string): string => {
  const [line = ''] = text.split(/[\r\n]/, 1);
  const [first = ','] = delimiters.toSorted((a, b) => line.split(b).length - line.split(a).length);
  return first;
};

const cutCell = (cell: string): string => cell.slice(0, fileLimits.cellCharacters).toWellFormed();
