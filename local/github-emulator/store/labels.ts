import type { DatabaseSync } from 'node:sqlite';

export type Label = { id: number; name: string };

export type LabelRows = {
  /** The issue's labels by name. */
  of(issue: number): Label[];
  /** Puts a label on the issue; false if it is there. A name that is new becomes a label of the repository. */
  add(issue: number, name: string): { label: Label; added: boolean };
  remove(issue: number, label: Label): void;
};

/** The labels of the database; their names are the same in any case. */
export const labelRows = (database: DatabaseSync): LabelRows => {
  const of = database.prepare(
    'SELECT id, name FROM labels JOIN issue_labels ON label = id WHERE issue = ? ORDER BY name',
  );
  const make = database.prepare('INSERT OR IGNORE INTO labels (name) VALUES (?)');
  const get = database.prepare('SELECT id, name FROM labels WHERE name = ?');
  const add = database.prepare('INSERT OR IGNORE INTO issue_labels (issue, label) VALUES (?, ?)');
  const remove = database.prepare('DELETE FROM issue_labels WHERE issue = ? AND label = ?');
  return {
    of: (issue) => of.all(issue) as Label[],
    add: (issue, name) => {
      make.run(name);
      const label = get.get(name) as Label;
      return { label, added: add.run(issue, label.id).changes > 0 };
    },
    remove: (issue, { id }) => void remove.run(issue, id),
  };
};
