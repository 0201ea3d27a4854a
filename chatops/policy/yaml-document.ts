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
} from 'yaml';
import type { PolicyProblem } from './policy.ts';

/** A key of a mapping, or an index in a list. */
export type PathStep = string | number;

/** The value of a YAML document, and the positions of its parts. Lines and columns from 1, columns in code points. */
export type YamlDocument = {
  value: unknown;
  /** Returns the position of a value or of its key; for a missing one, the position of the nearest part around it. */
  locate(path: readonly PathStep[], of: 'key' | 'value'): { line: number; column: number };
};

/** The maximum number of syntax errors that are reported, because one often causes others. */
const maxProblems = 10;
export const maxAliases = 100;
/** The maximum number of keys and values after aliases are expanded. */
export const maxNodes = 20_000;

type DocumentProblem = { at: number; message: string; expected?: string; received?: string };

/** Parses one YAML 1.2 document with the core schema. Custom tags, duplicate keys and many aliases are errors. */
export const parseYamlDocument = (text: string): YamlDocument | { mistakes: PolicyProblem[] } => {
  const lines = new LineCounter();
  const document = withoutStackTraces(() =>
    parseDocument(text, {
      lineCounter: lines,
      version: '1.2',
      schema: 'core',
      resolveKnownTags: false,
      merge: false,
      stringKeys: true,
      // The parser's own check compares each key with every other one; `findKeyProblems` finds duplicates instead.
      uniqueKeys: false,
      prettyErrors: false,
      // 'silent' would also silence that there is more than one document.
      logLevel: 'error',
    }),
  );
  const toPosition = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    const start = offset - col + 1;
    return { line, column: Array.from(text.slice(start, offset)).length + 1 };
  };
  const faults = findProblems(document);
  if (faults.length > 0)
    return {
      mistakes: faults.map(({ at, ...fault }) => ({ ...toPosition(at), ...withoutDetails, ...fault })),
    };
  preserveDigits(document);
  return {
    value: document.toJS({ maxAliasCount: -1 }) as unknown,
    locate: (path, of) => toPosition(findNode(document, path, of)?.range?.[0] ?? 0),
  };
};

/**
 * Returns what a function returns, and keeps errors created meanwhile from capturing stack traces. The parser creates an error per
 * mistake, 128 000 for 64 KB of `-,`, and their stack traces took seconds.
 */
const withoutStackTraces = <T>(run: () => T): T => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
};

/** Converts numbers in `allowed` to text as written, because values in comments are text too: `1.10` is not `1.1`. */
const preserveDigits = (document: Document.Parsed): void =>
  visit(document, {
    Pair: (_key, { key, value }) => {
      if (!isScalar(key) || key.value !== 'allowed' || !isSeq(value)) return;
      for (const item of value.items)
        if (isScalar(item) && typeof item.value === 'number') item.value = item.source ?? item.value;
    },
  });

const withoutDetails = { path: '', expected: null, received: null };

/** Our messages for some of the parser's error codes. */
const messageByCode: Record<string, string> = {
  MULTIPLE_DOCS: 'The file contains more than one document',
  TAG_RESOLVE_FAILED: 'Tags are not allowed',
  NON_STRING_KEY: 'A key must be a plain word',
  RESOURCE_EXHAUSTION: 'The file is nested too deeply',
};

const findProblems = (document: Document.Parsed): DocumentProblem[] => {
  const reported = [...document.errors, ...document.warnings].map(({ code, pos, message }) => ({
    at: pos[0],
    message: messageByCode[code] ?? message,
  }));
  const faults =
    reported.length > 0 ? reported : [...findAliasProblems(document), ...findKeyProblems(document)];
  return faults.slice(0, maxProblems);
};

/**
 * Counts nodes as if aliases were expanded, without expanding them. A value with an anchor cannot contain an alias, so one pass
 * is enough.
 */
const findAliasProblems = (document: Document.Parsed): DocumentProblem[] => {
  const aliases: Alias[] = [];
  /** The number of nodes of each value with an anchor. */
  const anchored = new Map<string, number>();
  const faults: DocumentProblem[] = [];
  let nodes = 0;
  const count = (node: unknown, anchors: number): void => {
    if (isAlias(node)) {
      aliases.push(node);
      const meant = anchored.get(node.source);
      if (anchors > 0)
        faults.push({ at: getStart(node), message: 'A value with an anchor cannot contain an alias' });
      else if (meant === undefined)
        faults.push({ at: getStart(node), message: 'No anchor is defined before this alias' });
      nodes += meant ?? 0;
      return;
    }
    if (!isNode(node)) return;
    nodes += 1;
    const before = nodes;
    const anchor = 'anchor' in node ? node.anchor : undefined;
    const inside = anchors + (anchor === undefined ? 0 : 1);
    if (isSeq(node)) for (const item of node.items) count(item, inside);
    if (isMap(node))
      for (const { key, value } of node.items) {
        count(key, inside);
        count(value, inside);
      }
    if (anchor !== undefined) anchored.set(anchor, nodes - before + 1);
  };
  count(document.contents, 0);
  const [first] = aliases;
  if (faults.length > 0) return faults;
  if (first && aliases.length > maxAliases)
    return [toLimitProblem(first, 'The file has too many aliases', maxAliases, aliases.length, 'aliases')];
  const message = 'The file has too many values after its aliases are expanded';
  return nodes > maxNodes && document.contents
    ? [toLimitProblem(first ?? document.contents, message, maxNodes, nodes, 'keys and values')]
    : [];
};

const toLimitProblem = (
  node: Node,
  message: string,
  limit: number,
  received: number,
  what: string,
): DocumentProblem => ({
  at: getStart(node),
  message,
  expected: `at most ${limit} ${what}`,
  received: `${received} ${what}`,
});

/** Returns duplicate keys, and keys with a special meaning in JavaScript objects, which a reader would skip with the rules under them. */
const findKeyProblems = (document: Document.Parsed): DocumentProblem[] => {
  const faults: DocumentProblem[] = [];
  visit(document, {
    Map: (_key, { items }) => {
      const names = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (names.has(name)) faults.push({ at: getStart(key), message: 'This key is defined twice' });
        if (name in {} || name === 'prototype')
          faults.push({ at: getStart(key), message: 'This word cannot be used as a key' });
        names.add(name);
      }
    },
  });
  return faults;
};

const getStart = (node: Node): number => node.range?.[0] ?? 0;

/** Returns the node of a value or of its key, or the nearest node around it. */
const findNode = (document: Document.Parsed, path: readonly PathStep[], of: 'key' | 'value'): Node | null => {
  let found: Node | null = document.contents;
  let holder: Node | null = document.contents;
  for (const [index, step] of path.entries()) {
    const inside = isAlias(holder) ? (holder.resolve(document) ?? null) : holder;
    const { key, value } = findChild(inside, step);
    const wanted = index === path.length - 1 && of === 'key' ? (key ?? value) : (value ?? key);
    if (!wanted) break;
    found = wanted;
    holder = value;
  }
  return found;
};

const findChild = (node: Node | null, step: PathStep): { key: Node | null; value: Node | null } => {
  if (isSeq(node)) return { key: null, value: toNode(node.items[Number(step)]) };
  const pair = isMap(node)
    ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
    : undefined;
  return { key: toNode(pair?.key), value: toNode(pair?.value) };
};

const toNode = (node: unknown): Node | null => (isNode(node) ? node : null);
