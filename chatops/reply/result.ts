import type { FailedBlock, Job } from '../../compute/client/index.ts';
import { toCodeBlock, toCodeSpan } from '../markdown/untrusted-text.ts';
import { formatTable } from '../markdown/table.ts';

type Scalar = string | number | boolean | null;

const isScalar = (value: unknown): value is Scalar =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);

const maxRows = 40;

/** The fields of an object that fits a table: some scalars, not too many. */
const getScalarFields = (value: unknown): [string, Scalar][] | undefined => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields = Object.entries(value).filter((field): field is [string, Scalar] => isScalar(field[1]));
  const fits = fields.length > 0 && fields.length <= maxRows && fields.length === Object.keys(value).length;
  return fits ? fields : undefined;
};

/** A compute job's result: a table if it is an object of scalars, JSON otherwise, in about `room` characters. */
export const renderResult = (result: unknown, maxLength: number): string => {
  if (isScalar(result)) return `Result: ${toCodeSpan(String(result), Math.min(maxLength, 1_000))}`;
  const fields = getScalarFields(result);
  if (!fields) return toCodeBlock(JSON.stringify(result, null, 2) ?? '', maxLength, 'json');
  const rows = fields.map(([name, value]) => [toCodeSpan(name, 100), toCodeSpan(String(value))]);
  return formatTable(['Result', 'Value'], rows);
};

/** The failed blocks that a job names, at most ten, and how many more there are. */
export const renderFailures = ({ failures, progress }: Job): string | undefined => {
  if (failures.length === 0) return undefined;
  const shown = failures.slice(0, 10);
  const more = Math.max(failures.length, progress?.failed ?? 0) - shown.length;
  const row = ({ block, code, message }: FailedBlock): string[] => [
    String(block),
    toCodeSpan(code, 60),
    toCodeSpan(message, 300),
  ];
  const rows = formatTable(['Failed block', 'Code', 'Message'], shown.map(row));
  return more > 0 ? `${rows}\n\nand ${more} more.` : rows;
};
