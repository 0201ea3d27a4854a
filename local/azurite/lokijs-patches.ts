/*
 * Azurite keeps its tables in lokijs 1.5, which sorts every index of a collection anew for each removal or update of a list of
 * documents, even of an empty one. Azurite removes and updates by lists, in each queue operation among others: with thousands
 * of blobs or messages that costs tens of milliseconds an operation, and a job's time would grow with the square of its blocks.
 */

type Document = object;
type Query = Record<string, unknown>;

/** What is used of lokijs. */
export type Loki = {
  Collection: { prototype: Collection };
  Resultset: { prototype: Resultset };
};
type Collection = {
  data: Document[];
  remove: (this: Collection, document: Document | Document[]) => unknown;
  update: (this: Collection, document: Document | Document[]) => unknown;
  removeBatch: (this: Collection, documents: Document[]) => void;
  removeBatchByPositions: (this: Collection, positions: number[]) => void;
};
type Resultset = { find: (this: Resultset, query: Query | undefined, firstOnly?: boolean) => unknown };

/** For longer lists sorting is cheaper: one document costs a pass over each index. */
const maxInPlace = 64;

/** Makes lokijs take short lists document by document, which keeps the indexes in place. */
export const keepIndexesInPlace = ({ Collection: { prototype } }: Loki): void => {
  const { update, removeBatch, removeBatchByPositions } = prototype;
  prototype.update = function (document) {
    if (!Array.isArray(document) || document.length > maxInPlace) return update.call(this, document);
    return document.forEach((one) => update.call(this, one));
  };
  prototype.removeBatch = function (documents) {
    if (documents.length > maxInPlace) removeBatch.call(this, documents);
    else documents.forEach((one) => this.remove(one));
  };
  prototype.removeBatchByPositions = function (positions) {
    if (positions.length > maxInPlace) removeBatchByPositions.call(this, positions);
    else positions.map((position) => this.data[position]).forEach((one) => one && this.remove(one));
  };
};

/** Makes lokijs look a blob up by its name first: it takes conditions as they come, and only for the first uses an index. */
export const findByNameFirst = ({ Resultset: { prototype } }: Loki): void => {
  const { find } = prototype;
  prototype.find = function (query, firstOnly) {
    const name = query?.['name'];
    return find.call(this, typeof name === 'string' ? { name, ...query } : query, firstOnly);
  };
};
