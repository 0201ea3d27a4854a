import * as v from 'valibot';
import { findClosest } from '../command/did-you-mean.ts';
import { parseYamlDocument, type YamlDocument, type PathStep } from './yaml-document.ts';
import { PolicyFile } from './policy-schema.ts';
import { toPolicy } from './defaults.ts';
import { parseChoices } from './schema-helpers.ts';
import { PatternBudget } from './pattern-budget.ts';
import type { Policy, PolicyProblem } from './policy.ts';
import { maxPatternLength } from './task-schema.ts';

/** The maximum size of a policy file, in bytes. */
export const maxPolicyBytes = 65_536;

/** The maximum number of problems that are reported. */
const maxProblems = 100;

/** Returns a problem of the file as a whole. */
export const toFileProblem = (message: string, expected: string | null = null): PolicyProblem => ({
  line: 1,
  column: 1,
  path: '',
  message,
  expected,
  received: null,
});

export type PolicyReading = { policy: Policy } | { mistakes: PolicyProblem[] };

/** Parses a policy file. Returns the policy with all defaults filled in, or all its problems. Never throws. */
export const readPolicy = (text: string): PolicyReading => {
  const size = Buffer.byteLength(text);
  if (size > maxPolicyBytes) return { mistakes: [toTooLargeProblem(size)] };
  const read = parseYamlDocument(text);
  if ('mistakes' in read) return read;
  const result = v.safeParse(PolicyFile, read.value);
  const ofForm = (result.issues ?? []).slice(0, maxProblems).map((issue) => toProblem(issue, read));
  const mistakes = [...ofForm, ...findPatternProblems(read)];
  if (result.success && mistakes.length === 0) return { policy: toPolicy(result.output) };
  const sorted = mistakes.toSorted((a, b) => a.line - b.line || a.column - b.column);
  return { mistakes: sorted.slice(0, maxProblems) };
};

/** Returns the problem of a file whose text could not be read. @param bytes its size, if it is known */
export const toUnreadableProblem = (outcome: string, bytes: number | null): PolicyProblem =>
  outcome === 'too-large' && bytes !== null
    ? toTooLargeProblem(bytes)
    : toFileProblem(`The policy cannot be read: ${outcome}`, 'a text file');

/** Returns the problem of a file that is too large. @param bytes its size */
export const toTooLargeProblem = (bytes: number): PolicyProblem => ({
  ...toFileProblem('The file is too large', `at most ${maxPolicyBytes} bytes`),
  received: `${bytes} bytes`,
});

/** Returns the problems of a file's patterns, regardless of its other problems. */
const findPatternProblems = (document: YamlDocument): PolicyProblem[] => {
  const budget = new PatternBudget();
  return findPatterns(document.value).flatMap(({ steps, pattern }) => {
    const fault = budget.check(pattern);
    if (!fault) return [];
    const received = fault.received ?? describeInput(pattern);
    return [{ ...document.locate(steps, 'value'), path: formatPath(steps), ...fault, received }];
  });
};

type LocatedPattern = { steps: PathStep[]; pattern: string };

const findPatterns = (file: unknown): LocatedPattern[] => {
  const works = [
    ...getEntries(file, 'tasks').map(([name, work]) => ({ steps: ['tasks', name], work })),
    ...getEntries(file).flatMap(([name, work]) => (name === 'compute' ? [{ steps: [name], work }] : [])),
  ];
  return works.flatMap(({ steps, work }) =>
    getEntries(work, 'parameters').flatMap(([name, rule]) => {
      const pattern = getEntries(rule).find(([key]) => key === 'pattern')?.[1];
      // Longer patterns are reported by the schema.
      if (typeof pattern !== 'string' || pattern.length > maxPatternLength) return [];
      return [{ steps: [...steps, 'parameters', name, 'pattern'], pattern }];
    }),
  );
};

/** Returns the entries of a mapping, or of the mapping under one of its keys; none if there is no such mapping. */
const getEntries = (value: unknown, key?: string): [string, unknown][] => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const entries = Object.entries(value);
  return key === undefined ? entries : getEntries(entries.find(([name]) => name === key)?.[1]);
};

type Issue = v.BaseIssue<unknown>;

const toProblem = (issue: Issue, document: YamlDocument): PolicyProblem => {
  const steps = issue.path?.map(({ key }) => key as PathStep) ?? [];
  const isKey = issue.type === 'never' || issue.path?.at(-1)?.origin === 'key';
  return {
    ...document.locate(steps, isKey ? 'key' : 'value'),
    path: formatPath(steps),
    ...describeIssue(issue, steps.at(-1)),
  };
};

const describeIssue = (
  issue: Issue,
  step: PathStep = '',
): Pick<PolicyProblem, 'message' | 'expected' | 'received'> => {
  const { message: expected, path, type } = issue;
  const isKey = path?.at(-1)?.origin === 'key';
  if (type === 'never') {
    const received = describeInput(step);
    return {
      message: `Unknown key ${received ?? '""'}${formatSuggestion(String(step), expected)}`,
      expected,
      received,
    };
  }
  if (type === 'raw_check') return { message: expected, expected: issue.expected, received: null };
  if (isKey && issue.input === undefined)
    return { message: `The key ${step} is missing`, expected: `the key ${step}`, received: null };
  const value = isEmpty(issue.input) ? 'A value is missing' : 'This value is not valid';
  const message = isKey ? 'This name is not valid' : value;
  const hint = typeof issue.input === 'string' ? formatSuggestion(issue.input, expected) : '';
  return { message: message + hint, expected, received: describeInput(issue.input) };
};

/** Suggests the closest word if there is a choice of words. */
const formatSuggestion = (written: string, expected: string): string => {
  const likely = findClosest(written, parseChoices(expected) ?? []);
  return likely === undefined ? '' : `; perhaps you meant ${likely}`;
};

const formatPath = (steps: readonly PathStep[]): string => {
  const parts = steps.map((step, n) =>
    typeof step === 'number' ? `[${step}]` : `${n > 0 ? '.' : ''}${step}`,
  );
  return truncate(parts.join(''), 200);
};

const isEmpty = (input: unknown): boolean => input === null || input === undefined || input === '';

const describeInput = (input: unknown): string | null => {
  if (isEmpty(input)) return null;
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'string') return truncate(input, 100);
  return typeof input === 'number' || typeof input === 'boolean' ? String(input) : 'a mapping';
};

const truncate = (text: string, maxLength: number): string =>
  text.length > maxLength ? `${text.slice(0, maxLength - 1).toWellFormed()}…` : text;
