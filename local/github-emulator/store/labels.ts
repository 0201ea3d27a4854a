import type { DatabaseSync } from 'node:sqlite';
import { prepareRows } from '../../sqlite/typed-statement.ts';

export type LabelRow = { id: number; name: string };

export type LabelRows = {
  /** Returns the labels of an issue, by name. */
  listByIssue(issue: number): LabelRow[];
  /** Adds a label to an issue. `added` is false if it was there. A new name becomes a label of the repository. */
  add(issue: number, name: string): { label: LabelRow; added: boolean };
  remove(issue: number, label: LabelRow): void;
};

/** Returns the queries on labels. Names are case-insensitive. */
export const labelRows = (database: DatabaseSync): LabelRows => {
  const of = prepareRows<LabelRow>(
    database,
    'SELECT id, name FROM labels JOIN issue_labels ON label = id WHERE issue = ? ORDER BY name',
  );
  const make = database.prepare('INSERT OR IGNORE INTO labels (name) VALUES (?)');
  const get = prepareRows<LabelRow>(database, 'SELECT id, name FROM labels WHERE name = ?');
  const add = database.prepare('INSERT OR IGNORE INTO issue_labels (issue, label) VALUES (?, ?)');
  const remove = database.prepare('DELETE FROM issue_labels WHERE issue = ? AND label = ?');
  return {
    listByIssue: (issue) => of.all(issue),
    add: (issue, name) => {
      make.run(name);
      const label = get.getOne(name);
      return { label, added: add.run(issue, label.id).changes > 0 };
    },
    remove: (issue, { id }) => void remove.run(issue, id),
  };
};
