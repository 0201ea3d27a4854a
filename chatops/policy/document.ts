import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Alias,
  type Document,
  type Node,
  type Scalar,
} from 'yaml';
import type { PolicyMistake } from './policy.ts';

/** A key of a mapping, or a place in a list. */
export type Step = string | number;

/** What a YAML document says, and where in its text what is said stands. Lines and columns from 1, columns in code points. */
export type ReadDocument = {
  value: unknown;
  /** Where a value stands, or its `key`; of what is not there, where it would be. */
  placeOf(path: readonly Step[], of: 'key' | 'value'): { line: number; column: number };
};

/** Mistakes of syntax that are told: one often makes others. */
const mostFaults = 10;
const mostAliases = 100;

type Fault = { at: number; message: string };

/** Reads one YAML 1.2 document: core schema, no tags of its own, no key twice, few aliases. */
export const readDocument = (text: string): ReadDocument | { mistakes: PolicyMistake[] } => {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    version: '1.2',
    schema: 'core',
    resolveKnownTags: false,
    merge: false,
    stringKeys: true,
    prettyErrors: false,
    // 'silent' would also silence that there is more than one document.
    logLevel: 'error',
  });
  const placeAt = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    const start = offset - col + 1;
    return { line, column: Array.from(text.slice(start, offset)).length + 1 };
  };
  const faults = faultsOf(document);
  if (faults.length > 0)
    return { mistakes: faults.map(({ at, message }) => ({ ...placeAt(at), ...plain, message })) };
  keepDigits(document);
  return {
    value: document.toJS({ maxAliasCount: -1 }) as unknown,
    placeOf: (path, of) => placeAt(nodeAt(document, path, of)?.range?.[0] ?? 0),
  };
};

/** Makes the numbers among `allowed` values texts as they were written: a comment's `1.10` is text too, and not `1.1`. */
const keepDigits = (document: Document.Parsed): void =>
  visit(document, {
    Pair: (_key, { key, value }) => {
      if (!isScalar(key) || key.value !== 'allowed' || !isSeq(value)) return;
      for (const item of value.items)
        if (isScalar(item) && typeof item.value === 'number') item.value = item.source ?? item.value;
    },
  });

const plain = { path: '', expected: null, received: null };

/** What the parser says of some mistakes, in our words. */
const words: Record<string, string> = {
  DUPLICATE_KEY: 'This key stands here twice',
  MULTIPLE_DOCS: 'The file holds more than one document',
  TAG_RESOLVE_FAILED: 'Tags are not taken here',
  NON_STRING_KEY: 'A key has to be a plain word',
  RESOURCE_EXHAUSTION: 'The file is nested too deeply',
};

const faultsOf = (document: Document.Parsed): Fault[] => {
  const told = [...document.errors, ...document.warnings].map(({ code, pos, message }) => ({
    at: pos[0],
    message: words[code] ?? message,
  }));
  const faults = told.length > 0 ? told : [...aliasFaults(document), ...keyFaults(document)];
  return faults.slice(0, mostFaults);
};

/** Aliases may stand for others that hold aliases: few of them can stand for more than there is memory. */
const aliasFaults = (document: Document.Parsed): Fault[] => {
  const aliases: Alias[] = [];
  let inAnchor = false;
  visit(document, {
    Alias: (_key, alias) => void aliases.push(alias),
    Node: (_key, node) => {
      if (!isAlias(node) && 'anchor' in node && node.anchor !== undefined) inAnchor ||= holdsAlias(node);
    },
  });
  const [first] = aliases;
  if (first && inAnchor) return [{ at: startOf(first), message: 'What has an anchor may hold no alias' }];
  if (first && aliases.length > mostAliases)
    return [{ at: startOf(first), message: `The file holds more than ${mostAliases} aliases` }];
  return aliases
    .filter((alias) => alias.resolve(document) === undefined)
    .map((alias) => ({ at: startOf(alias), message: 'This alias has no anchor before it' }));
};

const holdsAlias = (node: Node): boolean => {
  let found = false;
  visit(node, {
    Alias: () => {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
};

/** Keys that mean something to JavaScript's objects: a reader that skips them would skip the rules under them. */
const keyFaults = (document: Document.Parsed): Fault[] => {
  const keys: Scalar[] = [];
  visit(document, {
    Pair: (_key, { key }) => {
      if (isScalar(key) && (String(key.value) in {} || key.value === 'prototype')) keys.push(key);
    },
  });
  return keys.map((key) => ({ at: startOf(key), message: 'This word cannot be a key' }));
};

const startOf = (node: Node): number => node.range?.[0] ?? 0;

/** The node of a value or of its key; the nearest one around it, if it is not there. */
const nodeAt = (document: Document.Parsed, path: readonly Step[], of: 'key' | 'value'): Node | null => {
  let found: Node | null = document.contents;
  let holder: Node | null = document.contents;
  for (const [index, step] of path.entries()) {
    const inside = isAlias(holder) ? (holder.resolve(document) ?? null) : holder;
    const { key, value } = childOf(inside, step);
    const wanted = index === path.length - 1 && of === 'key' ? (key ?? value) : (value ?? key);
    if (!wanted) break;
    found = wanted;
    holder = value;
  }
  return found;
};

const childOf = (node: Node | null, step: Step): { key: Node | null; value: Node | null } => {
  if (isSeq(node)) return { key: null, value: nodeOrNull(node.items[Number(step)]) };
  const pair = isMap(node)
    ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
    : undefined;
  return { key: nodeOrNull(pair?.key), value: nodeOrNull(pair?.value) };
};

const nodeOrNull = (node: unknown): Node | null => (isNode(node) ? node : null);
