import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createRequire } from 'node:module';
import { findByNameFirst, keepIndexesInPlace, type Loki } from '../../../local/azurite/lokijs-patches.ts';

type Row = { name: string; owner: string; at: number };
type Table = {
  insert(row: Row): void;
  find(query: object): Row[];
  findAndRemove(query: object): void;
  remove(rows: Row[]): void;
  update(rows: Row[]): void;
  checkAllIndexes(): string[];
  data: Row[];
};
type Database = { addCollection(name: string, options: object): Table };

const requireOfAzurite = createRequire(createRequire(import.meta.url).resolve('azurite'));
const loki = requireOfAzurite('lokijs') as Loki & (new (name: string, options: object) => Database);
keepIndexesInPlace(loki);
findByNameFirst(loki);

const table = (): Table =>
  new loki('test', { persistenceMethod: 'memory' }).addCollection('rows', {
    indices: ['name', 'owner', 'missing'],
  });

const name = fc.integer({ min: 0, max: 30 }).map((n) => `row-${n}`);
const step = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), name }),
  fc.record({ kind: fc.constant('findAndRemove' as const), name }),
  fc.record({ kind: fc.constant('remove' as const), name }),
  fc.record({ kind: fc.constant('update' as const), name }),
);

test('rows and indexes are correct after any inserts, updates and removals', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const rows = table();
      let expected: { name: string; at: number }[] = [];
      for (const [at, { kind, name: named }] of steps.entries()) {
        const query = { owner: 'me', name: named };
        if (kind === 'insert') rows.insert({ name: named, owner: 'me', at });
        else if (kind === 'findAndRemove') rows.findAndRemove(query);
        else if (kind === 'remove') rows.remove(rows.find(query));
        else rows.update(rows.find(query).map((row) => Object.assign(row, { at })));
        if (kind === 'insert') expected.push({ name: named, at });
        else if (kind === 'update') expected.forEach((row) => row.name === named && (row.at = at));
        else expected = expected.filter((row) => row.name !== named);
      }
      const byName = (left: { name: string; at: number }, right: { name: string; at: number }) =>
        left.name < right.name ? -1 : left.name > right.name ? 1 : left.at - right.at;
      expect(rows.data.map(({ name: named, at }) => ({ name: named, at })).sort(byName)).toEqual(
        expected.sort(byName),
      );
      expect(rows.checkAllIndexes()).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test('a long list is removed at once', () => {
  const rows = table();
  for (let at = 0; at < 300; at += 1) rows.insert({ name: `row-${at}`, owner: at % 2 ? 'me' : 'you', at });
  rows.findAndRemove({ owner: 'me' });
  expect(rows.data).toHaveLength(150);
  expect(rows.find({ owner: 'you', name: 'row-4' })).toHaveLength(1);
  expect(rows.checkAllIndexes()).toEqual([]);
});
