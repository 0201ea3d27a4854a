import type { DatabaseSync, SQLInputValue } from 'node:sqlite';

/** A prepared statement whose rows have one type. */
export type TypedStatement<Row> = {
  get(...values: SQLInputValue[]): Row | undefined;
  /** Runs a statement that always returns a row, such as `INSERT … RETURNING`. @throws if it returns none */
  getOne(...values: SQLInputValue[]): Row;
  all(...values: SQLInputValue[]): Row[];
};

/** Prepares a statement. SQLite does not check `Row`: it must have the statement's columns. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- only the caller knows the columns
export const prepareRows = <Row extends object>(database: DatabaseSync, sql: string): TypedStatement<Row> => {
  const statement = database.prepare(sql);
  return {
    get: (...values) => statement.get(...values) as Row | undefined,
    getOne: (...values) => {
      const row = statement.get(...values);
      if (!row) throw new Error(`No row for: ${sql}`);
      return row as Row;
    },
    all: (...values) => statement.all(...values) as Row[],
  };
};
