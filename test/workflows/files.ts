import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parse } from 'yaml';

export type Step = {
  id?: string;
  if?: string;
  uses?: string;
  run?: string;
  with?: Record<string, string | boolean>;
  env?: Record<string, string>;
};

export type Workflow = {
  on: Record<string, unknown>;
  permissions?: unknown;
  concurrency?: unknown;
  jobs: Record<string, { if?: string; permissions?: unknown; concurrency?: unknown; steps: Step[] }>;
};

/** A workflow of ours: its file's name without `.yml`, its text, and what that says. */
export type WorkflowFile = { name: string; path: string; text: string; workflow: Workflow };

/** All workflows of this repository, by name. */
export const workflowFiles: readonly WorkflowFile[] = globSync('.github/workflows/*')
  .toSorted()
  .map((path) => {
    const text = readFileSync(path, 'utf8');
    return { name: basename(path, '.yml'), path, text, workflow: parse(text) as Workflow };
  });

/** One of them. @throws Error if there is none of that name */
export const workflowFile = (name: string): WorkflowFile => {
  const found = workflowFiles.find((file) => file.name === name);
  if (!found) throw new Error(`There is no .github/workflows/${name}.yml`);
  return found;
};

export const stepsOf = ({ workflow }: WorkflowFile): Step[] =>
  Object.values(workflow.jobs).flatMap(({ steps }) => steps);
