import * as v from 'valibot';
import { nearest } from '../command/did-you-mean.ts';
import { readDocument, type ReadDocument, type Step } from './yaml-document.ts';
import { PolicyFile } from './policy-schema.ts';
import { filledIn } from './defaults.ts';
import { wordsOf } from './schema-helpers.ts';
import { PatternBudget } from './pattern-budget.ts';
import type { Policy, PolicyMistake } from './policy.ts';
import { maxPatternLength } from './task-schema.ts';

/** The largest policy file, in bytes. */
export const largestPolicy = 65_536;

/** Mistakes that are told. */
const mostMistakes = 100;

/** A mistake that is about the file as a whole. */
export const wholeFileMistake = (message: string, expected: string | null = null): PolicyMistake => ({
  line: 1,
  column: 1,
  path: '',
  message,
  expected,
  received: null,
});

export type ReadPolicy = { policy: Policy } | { mistakes: PolicyMistake[] };

/** Reads a policy file: the policy with all that was left out filled in, or every mistake in it. Never throws. */
export const readPolicy = (text: string): ReadPolicy => {
  const size = Buffer.byteLength(text);
  if (size > largestPolicy) return { mistakes: [tooLarge(size)] };
  const read = readDocument(text);
  if ('mistakes' in read) return read;
  const result = v.safeParse(PolicyFile, read.value);
  const ofForm = (result.issues ?? []).slice(0, mostMistakes).map((issue) => mistakeOf(issue, read));
  const mistakes = [...ofForm, ...patternMistakes(read)];
  if (result.success && mistakes.length === 0) return { policy: filledIn(result.output) };
  const sorted = mistakes.toSorted((a, b) => a.line - b.line || a.column - b.column);
  return { mistakes: sorted.slice(0, mostMistakes) };
};

/** Returns the mistake for a file whose text could not be read. @param bytes its size, if it is known */
export const unreadFile = (outcome: string, bytes: number | null): PolicyMistake =>
  outcome === 'too-large' && bytes !== null
    ? tooLarge(bytes)
    : wholeFileMistake(`The policy cannot be read: ${outcome}`, 'a file of text');

/** Returns the mistake for a file that is too large. @param bytes its size */
export const tooLarge = (bytes: number): PolicyMistake => ({
  ...wholeFileMistake('The file is too large', `at most ${largestPolicy} bytes`),
  received: `${bytes} bytes`,
});

/** Returns the mistakes in the patterns of a file, regardless of its other mistakes. */
const patternMistakes = (document: ReadDocument): PolicyMistake[] => {
  const budget = new PatternBudget();
  return patternsIn(document.value).flatMap(({ steps, pattern }) => {
    const fault = budget.check(pattern);
    if (!fault) return [];
    const received = fault.received ?? shown(pattern);
    return [{ ...document.placeOf(steps, 'value'), path: dotted(steps), ...fault, received }];
  });
};

type PlacedPattern = { steps: Step[]; pattern: string };

const patternsIn = (file: unknown): PlacedPattern[] => {
  const works = [
    ...entriesAt(file, 'tasks').map(([name, work]) => ({ steps: ['tasks', name], work })),
    ...entriesAt(file).flatMap(([name, work]) => (name === 'compute' ? [{ steps: [name], work }] : [])),
  ];
  return works.flatMap(({ steps, work }) =>
    entriesAt(work, 'parameters').flatMap(([name, rule]) => {
      const pattern = entriesAt(rule).find(([key]) => key === 'pattern')?.[1];
      // Longer patterns are reported by the schema.
      if (typeof pattern !== 'string' || pattern.length > maxPatternLength) return [];
      return [{ steps: [...steps, 'parameters', name, 'pattern'], pattern }];
    }),
  );
};

/** Returns the entries of a mapping, or of the mapping under one of its keys; none if there is no such mapping. */
const entriesAt = (value: unknown, key?: string): [string, unknown][] => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const entries = Object.entries(value);
  return key === undefined ? entries : entriesAt(entries.find(([name]) => name === key)?.[1]);
};

type Issue = v.BaseIssue<unknown>;

const mistakeOf = (issue: Issue, document: ReadDocument): PolicyMistake => {
  const steps = issue.path?.map(({ key }) => key as Step) ?? [];
  const isKey = issue.type === 'never' || issue.path?.at(-1)?.origin === 'key';
  return {
    ...document.placeOf(steps, isKey ? 'key' : 'value'),
    path: dotted(steps),
    ...told(issue, steps.at(-1)),
  };
};

const told = (issue: Issue, step: Step = ''): Pick<PolicyMistake, 'message' | 'expected' | 'received'> => {
  const { message: expected, path, type } = issue;
  const isKey = path?.at(-1)?.origin === 'key';
  if (type === 'never') {
    const received = shown(step);
    return {
      message: `There is no key ${received ?? '""'} here${suggestion(String(step), expected)}`,
      expected,
      received,
    };
  }
  if (type === 'raw_check') return { message: expected, expected: issue.expected, received: null };
  if (isKey && issue.input === undefined)
    return { message: `The key ${step} is missing`, expected: `the key ${step}`, received: null };
  const value = isEmpty(issue.input) ? 'A value is missing' : 'This value cannot be used';
  const what = isKey ? 'This name cannot be used' : value;
  const meant = typeof issue.input === 'string' ? suggestion(issue.input, expected) : '';
  return { message: what + meant, expected, received: shown(issue.input) };
};

/** What was most likely meant, where only some words fit. */
const suggestion = (written: string, expected: string): string => {
  const meant = nearest(written, wordsOf(expected) ?? []);
  return meant === undefined ? '' : `; perhaps ${meant} is meant`;
};

const dotted = (steps: readonly Step[]): string => {
  const parts = steps.map((step, n) =>
    typeof step === 'number' ? `[${step}]` : `${n > 0 ? '.' : ''}${step}`,
  );
  return cut(parts.join(''), 200);
};

const isEmpty = (input: unknown): boolean => input === null || input === undefined || input === '';

const shown = (input: unknown): string | null => {
  if (isEmpty(input)) return null;
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'string') return cut(input, 100);
  return typeof input === 'number' || typeof input === 'boolean' ? String(input) : 'a mapping';
};

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1).toWellFormed()}…` : text;
