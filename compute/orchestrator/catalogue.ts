import { RE2JS } from 're2js';
import { TaskDefinition } from '../formats/definition.ts';
import { definitionPath } from '../formats/paths.ts';
import { readJson, type Problem, type Read } from '../formats/problem.ts';
import type { Blobs } from '../storage/port.ts';
import { acceptsValue } from './task-values.ts';

export type { TaskDefinition } from '../formats/definition.ts';

/** A task's definition from the catalogue; undefined if there is no such task. */
export const readTask = async (blobs: Blobs, task: string): Promise<Read<TaskDefinition> | undefined> => {
  const body = await blobs.get(definitionPath(task));
  return body && readDefinition(task, body.toString());
};

/** Reads a definition and checks what its schema cannot: its name, its patterns, its defaults. */
export const readDefinition = (task: string, text: string): Read<TaskDefinition> => {
  const read = readJson(TaskDefinition, text, 'definition-invalid');
  if (!read.ok) return { ok: false, problem: about(task, read.problem) };
  const message = fault(task, read.value);
  if (message === undefined) return read;
  const problem = { code: 'definition-invalid', field: null, message, expected: null, received: null };
  return { ok: false, problem: about(task, problem) };
};

const about = (task: string, problem: Problem): Problem => ({
  ...problem,
  message: `The definition of ${task} is not valid: ${problem.message}`,
});

const fault = (task: string, { taskName, scriptParameters }: TaskDefinition): string | undefined => {
  if (taskName !== task) return `its taskName is ${taskName}`;
  const names = scriptParameters.map(({ parameterName }) => parameterName);
  const twice = names.find((name, n) => names.indexOf(name) !== n);
  if (twice !== undefined) return `it declares ${twice} twice`;
  for (const parameter of scriptParameters) {
    const { parameterName, pattern } = parameter;
    if (pattern !== undefined && !isPattern(pattern))
      return `the pattern of ${parameterName} is not a regular expression`;
    if (parameter.default !== undefined && !acceptsValue(parameter, String(parameter.default)))
      return `the default of ${parameterName} is not a value it may have`;
  }
  return undefined;
};

const isPattern = (pattern: string): boolean => {
  try {
    RE2JS.compile(pattern);
    return true;
  } catch {
    return false;
  }
};

/** All tasks of the catalogue by name, and the definitions that could not be read. */
export const readCatalogue = async (
  blobs: Blobs,
): Promise<{ tasks: TaskDefinition[]; invalid: { name: string; message: string }[] }> => {
  const names: string[] = [];
  for await (const { path } of blobs.list('tasks/')) {
    const name = /^tasks\/([^/]+)\.json$/.exec(path)?.[1];
    if (name !== undefined) names.push(name);
  }
  const reads = await Promise.all(names.map(async (name) => ({ name, read: await readTask(blobs, name) })));
  return {
    tasks: reads.flatMap(({ read }) => (read?.ok ? [read.value] : [])),
    invalid: reads.flatMap(({ name, read }) =>
      read && !read.ok ? [{ name, message: read.problem.message }] : [],
    ),
  };
};
