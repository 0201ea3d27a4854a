import { hash } from 'node:crypto';
import { isTooDeep, maxJsonDepth } from '../../../runtime/json-depth.ts';
import {
  TaskDefinition,
  type TaskParameter,
  type TaskDigests,
  type TaskList,
} from '../../../contracts/task-definition.ts';
import { expectedExactNumber, findInexactNumber } from '../../../contracts/exact-json.ts';
import { definitionPath, scriptPath, type BlobPath } from '../../../contracts/blob-paths.ts';
import { findReservedEffect } from '../../../contracts/reserved-names.ts';
import { parseJson, type Problem, type ParseResult } from '../../../contracts/problem.ts';
import type { TaskRequest } from '../../../contracts/job-request.ts';
import { fillTaskLock, findKeyParameters, type TaskLock } from '../../../contracts/task-locks.ts';
import type { Blobs, ListedBlob } from '../../storage/port.ts';
import { findExceededLimit, maxDefinitionBytes } from './definition-limits.ts';
import { expectedFewerSteps } from '../../../contracts/pattern-limits.ts';
import { TaskPatternMatcher } from './task-patterns.ts';
import { findMismatch } from './resolve-parameters.ts';
import { LRUCache } from 'lru-cache';

export type { TaskDefinition } from '../../../contracts/task-definition.ts';

/** A task's parsed definition, and the sha256 of its blob. */
export type ParsedTask = ParseResult<TaskDefinition> & { sha256: string };

/** Reads a task from the catalogue; undefined if there is no such task. */
export const readTask = async (blobs: Blobs, task: string): Promise<ParsedTask | undefined> => {
  const body = await blobs.get(definitionPath(task));
  return body && parseTask(task, body);
};

/** Parses the bytes of a task's definition. */
const parseTask = (task: string, body: Buffer): ParsedTask => ({
  ...parseDefinition(task, body.toString()),
  sha256: hash('sha256', body),
});

/** Returns whether a task and its script have the digests of a request's pin, if it has one. */
export const matchesPin = async (
  blobs: Blobs,
  task: ParsedTask,
  pin: TaskRequest['pin'],
): Promise<boolean> => {
  if (!pin) return true;
  if (pin.definition !== task.sha256) return false;
  // An invalid definition has no script to compare.
  if (!task.ok) return true;
  const script = await blobs.get(scriptPath(task.value.scriptName));
  return pin.script === (script ? hash('sha256', script) : null);
};

/** Parses a definition, and checks what its schema cannot: its name, its parameters' names, patterns and defaults, and its locks. */
export const parseDefinition = (task: string, text: string): ParseResult<TaskDefinition> => {
  const bytes = Buffer.byteLength(text);
  if (bytes > maxDefinitionBytes)
    return rejectDefinition(task, `it has ${bytes} bytes; at most ${maxDefinitionBytes} are allowed`);
  if (isTooDeep(text)) return rejectDefinition(task, `it is nested more than ${maxJsonDepth} deep`);
  const read = parseJson(TaskDefinition, text, 'definition-invalid');
  if (!read.ok) return { ok: false, problem: prefixProblem(task, read.problem) };
  const message =
    describeInexactNumber(text) ?? findExceededLimit(read.value) ?? findDefinitionFault(task, read.value);
  return message === undefined ? read : rejectDefinition(task, message);
};

const rejectDefinition = (task: string, message: string): ParseResult<never> => {
  const problem = { code: 'definition-invalid', field: null, message, expected: null, received: null };
  return { ok: false, problem: prefixProblem(task, problem) };
};

const describeInexactNumber = (text: string): string | undefined => {
  const inexact = findInexactNumber(text);
  return inexact && `${inexact.path}: expected ${expectedExactNumber}, received ${inexact.source}`;
};

const prefixProblem = (task: string, problem: Problem): Problem => ({
  ...problem,
  message: `The definition of ${task} is not valid: ${problem.message}`,
});

const findDefinitionFault = (
  task: string,
  { taskName, scriptParameters, locks = [] }: TaskDefinition,
): string | undefined => {
  if (taskName !== task) return `its taskName is ${taskName}`;
  const names = scriptParameters.map(({ parameterName }) => parameterName);
  const duplicate = names.find((name, n) => names.indexOf(name) !== n);
  if (duplicate !== undefined) return `it declares ${duplicate} twice`;
  const matcher = new TaskPatternMatcher();
  for (const parameter of scriptParameters) {
    const { parameterName } = parameter;
    const effect = findReservedEffect(parameterName);
    if (effect !== undefined)
      return `its parameter ${parameterName} has a reserved name: a variable of this name ${effect}. Rename the parameter in the definition and in the script`;
    if (parameter.default === undefined) continue;
    const expected = findMismatch(parameter, String(parameter.default), matcher);
    if (expected !== undefined)
      return `the default of ${parameterName} is not an allowed value${expected === expectedFewerSteps ? `: expected ${expected}` : ''}`;
  }
  return findLockFault(locks, scriptParameters);
};

const findLockFault = (
  locks: readonly TaskLock[],
  declared: readonly TaskParameter[],
): string | undefined => {
  for (const lock of locks) {
    const names = findKeyParameters(lock.key);
    const find = (name: string) => declared.find(({ parameterName }) => parameterName === name);
    const unknown = names.find((name) => !find(name));
    if (unknown !== undefined)
      return `the lock ${lock.key} refers to ${unknown}, which is not a parameter of the task`;
    const secret = names.find((name) => find(name)?.secret);
    if (secret !== undefined)
      return `the lock ${lock.key} refers to ${secret}, which is a secret parameter; lock keys are public`;
    if (!fillTaskLock(lock, Object.fromEntries(names.map((name) => [name, 'x']))))
      return `the lock ${lock.key} is not a valid key: expected letters, digits, "-._~/" and parameters as \${NAME}, not ending with "/"`;
  }
  return undefined;
};

/** Lists all tasks of the catalogue, and the invalid definitions. */
export type Catalogue = () => Promise<Pick<TaskList, 'tasks' | 'invalid'>>;

/** Opens the catalogue. A listing of it reads only the blobs that have changed since the last one. */
export const openCatalogue = (blobs: Blobs): Catalogue => {
  const readDefinition = memoizeByVersion(blobs, (body, path) => parseTask(parseTaskName(path) ?? '', body));
  const readDigest = memoizeByVersion(blobs, (body) => hash('sha256', body));
  return async () => {
    const listed = await Array.fromAsync(blobs.list('tasks/'));
    const byPath = new Map(listed.map((blob) => [blob.path, blob]));
    const readEntry = async (blob: ListedBlob): Promise<CatalogueEntry[]> => {
      const name = parseTaskName(blob.path);
      const task = name === undefined ? undefined : await readDefinition(blob);
      if (name === undefined || !task) return [];
      if (!task.ok) return [{ invalid: { name, message: task.problem.message } }];
      const script = byPath.get(scriptPath(task.value.scriptName));
      const digest = script && (await readDigest(script));
      const digests = { definition: task.sha256, script: digest ?? null };
      return [{ task: { ...task.value, digests } }];
    };
    const entries = (await Promise.all(listed.map(readEntry))).flat();
    return {
      tasks: entries.flatMap(({ task }) => task ?? []),
      invalid: entries.flatMap(({ invalid }) => invalid ?? []),
    };
  };
};

type CatalogueEntry = {
  task?: TaskDefinition & { digests: TaskDigests };
  invalid?: { name: string; message: string };
};

const parseTaskName = (path: BlobPath): string | undefined => /^tasks\/([^/]+)\.json$/.exec(path)?.[1];

/** The maximum number of cached results. */
const maxCachedVersions = 2_000;

/** Returns a function that computes a value from a blob once per version; undefined if the blob has been deleted since its listing. */
const memoizeByVersion = <T extends {}>(blobs: Blobs, make: (body: Buffer, path: BlobPath) => T) => {
  const cache = new LRUCache<string, T>({ max: maxCachedVersions });
  return async ({ path, tag }: ListedBlob): Promise<T | undefined> => {
    const version = `${tag} ${path}`;
    const cached = cache.get(version);
    if (cached !== undefined) return cached;
    const body = await blobs.get(path);
    if (!body) return undefined;
    const result = make(body, path);
    cache.set(version, result);
    return result;
  };
};
