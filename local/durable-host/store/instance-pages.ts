import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { UnknownContinuationError, type InstanceFilter } from '../../../compute/orchestrator/durable.ts';
import { prepareRows, type TypedStatement } from '../../sqlite/typed-statement.ts';
import type { InstanceRow } from './instances.ts';

const defaultPageSize = 100;

/** A prefix of at least this length selects the instances of one job; a shorter one selects a kind of instance. */
const minNarrowPrefixLength = 16;

export type InstancePage = { rows: InstanceRow[]; continuation: string | undefined };

/**
 * Returns a function that reads one page of instances, newest first. There are a few dozen different queries, each prepared once. Their
 * conditions make SQLite use the most selective of the indexes by time, status and id.
 */
export const createPageReader = (db: DatabaseSync): ((filter: InstanceFilter) => InstancePage) => {
  const prepared = new Map<string, TypedStatement<InstanceRow>>();
  const statement = (sql: string) => {
    const known = prepared.get(sql) ?? prepareRows<InstanceRow>(db, sql);
    prepared.set(sql, known);
    return known;
  };
  return (filter) => {
    const top = filter.top ?? defaultPageSize;
    const { where, values } = buildConditions(filter);
    const sql = `SELECT * FROM instance WHERE ${where.join(' AND ')} ORDER BY created DESC, id DESC LIMIT ?`;
    const found = statement(sql).all(...values, top + 1);
    const rows = found.slice(0, top);
    const last = rows.at(-1);
    return { rows, continuation: found.length > top && last ? buildContinuation(last) : undefined };
  };
};

const buildConditions = (filter: InstanceFilter): { where: string[]; values: SQLInputValue[] } => {
  const where = ['1'];
  const values: SQLInputValue[] = [];
  const add = (condition: string, ...of: SQLInputValue[]) => void (where.push(condition), values.push(...of));

  if (filter.statuses) add(`status IN (${filter.statuses.map(() => '?').join(', ')})`, ...filter.statuses);
  if (filter.createdFrom) add('created >= ?', Date.parse(filter.createdFrom));
  if (filter.createdTo) add('created <= ?', Date.parse(filter.createdTo));
  if (filter.prefix) {
    // A unary plus keeps SQLite from choosing the index by id. Without it, a page of all jobs would read and sort them all.
    const isNarrow = filter.prefix.length >= minNarrowPrefixLength && !filter.statuses && !filter.createdFrom;
    const id = isNarrow ? 'id' : '+id';
    add(`${id} >= ? AND ${id} < ?`, filter.prefix, `${filter.prefix}\u{10ffff}`);
  }
  if (filter.continuation) add('(created, id) < (?, ?)', ...parseContinuation(filter.continuation));
  return { where, values };
};

const buildContinuation = ({ created, id }: InstanceRow): string =>
  Buffer.from(JSON.stringify([created, id])).toString('base64url');

const parseContinuation = (continuation: string): [number, string] => {
  try {
    const position: unknown = JSON.parse(Buffer.from(continuation, 'base64url').toString());
    const [created, id] = position as [unknown, unknown];
    if (typeof created === 'number' && typeof id === 'string') return [created, id];
  } catch {
    // Fall through: the continuation is invalid.
  }
  throw new UnknownContinuationError();
};
