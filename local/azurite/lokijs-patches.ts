/*
 * Azurite stores its tables in lokijs 1.5, which sorts all indexes of a collection for each removal or update of a list of documents,
 * even of an empty one. Azurite removes and updates by lists, for example in each queue operation: with thousands of blobs or messages,
 * an operation takes tens of milliseconds, and the time of a job would grow with the square of its blocks.
 */

type Document = object;
type Query = Record<string, unknown>;

/** The parts of lokijs that we use. */
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

/** For longer lists, sorting is cheaper: each document costs a pass over each index. */
const maxInPlace = 64;

/** Makes lokijs process short lists document by document, which updates the indexes in place. */
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

/** Makes lokijs find blobs by name first: it evaluates conditions in their order, and uses an index only for the first one. */
export const findByNameFirst = ({ Resultset: { prototype } }: Loki): void => {
  const { find } = prototype;
  prototype.find = function (query, firstOnly) {
    const name = query?.['name'];
    return find.call(this, typeof name === 'string' ? { name, ...query } : query, firstOnly);
  };
};
