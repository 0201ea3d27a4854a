import { isTooDeep, maxJsonDepth } from '../../../runtime/json-depth.ts';
import { TaskDefinition, type TaskParameter } from '../../../contracts/task-definition.ts';
import { exactNumber, findInexactNumber } from '../../../contracts/exact-json.ts';
import { definitionPath, scriptPath } from '../../../contracts/blob-paths.ts';
import { reservedFor } from '../../../contracts/reserved-names.ts';
import { readJson, type Problem, type Read } from '../../../contracts/problem.ts';
import type { TaskRequest } from '../../../contracts/job-request.ts';
import { fillTaskLock, parametersOfKey, type TaskLock } from '../../../contracts/task-locks.ts';
import type { Blobs } from '../../storage/port.ts';
import { sha256Of } from '../sha256.ts';
import { exceededLimit, maxDefinitionBytes } from './definition-limits.ts';
import { BoundedMatcher, fewerSteps } from './task-patterns.ts';
import { mismatchOf } from './resolve-parameters.ts';

export type { TaskDefinition } from '../../../contracts/task-definition.ts';

/** A task's definition as it was read, and the sha256 of its blob. */
export type ReadTask = Read<TaskDefinition> & { sha256: string };

/** A task's definition from the catalogue; undefined if there is no such task. */
export const readTask = async (blobs: Blobs, task: string): Promise<ReadTask | undefined> => {
  const body = await blobs.get(definitionPath(task));
  return body && taskOf(task, body);
};

/** A task by its definition's bytes. */
export const taskOf = (task: string, body: Buffer): ReadTask => ({
  ...readDefinition(task, body.toString()),
  sha256: sha256Of(body),
});

/** Whether a task, and its script, are what a request is pinned to, if it is. */
export const isAsPinned = async (blobs: Blobs, task: ReadTask, pin: TaskRequest['pin']): Promise<boolean> => {
  if (!pin) return true;
  if (pin.definition !== task.sha256) return false;
  // A definition that is not valid has no script to hold against the pin.
  if (!task.ok) return true;
  const script = await blobs.get(scriptPath(task.value.scriptName));
  return pin.script === (script ? sha256Of(script) : null);
};

/** Reads a definition and checks what its schema cannot: its name, its parameters' names, patterns and defaults. */
export const readDefinition = (task: string, text: string): Read<TaskDefinition> => {
  const bytes = Buffer.byteLength(text);
  if (bytes > maxDefinitionBytes)
    return invalid(task, `it has ${bytes} bytes; at most ${maxDefinitionBytes} are allowed`);
  if (isTooDeep(text)) return invalid(task, `it is nested more than ${maxJsonDepth} deep`);
  const read = readJson(TaskDefinition, text, 'definition-invalid');
  if (!read.ok) return { ok: false, problem: about(task, read.problem) };
  const message = rounded(text) ?? exceededLimit(read.value) ?? fault(task, read.value);
  return message === undefined ? read : invalid(task, message);
};

const invalid = (task: string, message: string): Read<never> => {
  const problem = { code: 'definition-invalid', field: null, message, expected: null, received: null };
  return { ok: false, problem: about(task, problem) };
};

const rounded = (text: string): string | undefined => {
  const inexact = findInexactNumber(text);
  return inexact && `${inexact.path}: expected ${exactNumber}, received ${inexact.source}`;
};

const about = (task: string, problem: Problem): Problem => ({
  ...problem,
  message: `The definition of ${task} is not valid: ${problem.message}`,
});

const fault = (
  task: string,
  { taskName, scriptParameters, locks = [] }: TaskDefinition,
): string | undefined => {
  if (taskName !== task) return `its taskName is ${taskName}`;
  const names = scriptParameters.map(({ parameterName }) => parameterName);
  const twice = names.find((name, n) => names.indexOf(name) !== n);
  if (twice !== undefined) return `it declares ${twice} twice`;
  const matcher = new BoundedMatcher();
  for (const parameter of scriptParameters) {
    const { parameterName } = parameter;
    const does = reservedFor(parameterName);
    if (does !== undefined)
      return `its parameter ${parameterName} has a reserved name: a variable of this name ${does}. Rename the parameter in the definition and in the script`;
    if (parameter.default === undefined) continue;
    const expected = mismatchOf(parameter, String(parameter.default), matcher);
    if (expected !== undefined)
      return `the default of ${parameterName} is not a value it may have${expected === fewerSteps ? `: expected ${expected}` : ''}`;
  }
  return lockFault(locks, scriptParameters);
};

const lockFault = (locks: readonly TaskLock[], declared: readonly TaskParameter[]): string | undefined => {
  for (const lock of locks) {
    const names = parametersOfKey(lock.key);
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
