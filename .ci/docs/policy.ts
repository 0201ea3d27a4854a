import { readFile } from 'node:fs/promises';
import { PolicyFile } from '../../chatops/policy/policy-schema.ts';
import { RuleFile } from '../../chatops/policy/rule-schema.ts';
import { ComputeFile } from '../../chatops/policy/task-schema.ts';
import { jsonSchemaOf, type JsonSchema } from './policy-schema.ts';

/** Returns the content of `docs/policy.md`: `policy.template.md`, with tables of the keys in the policy's schema. */
export const policyPage = async (): Promise<string> => {
  const template = await readFile('.ci/docs/policy.template.md', 'utf8');
  const { properties: ofFile = {} } = jsonSchemaOf(PolicyFile);
  const { tasks = {}, compute = {}, ...others } = ofFile;
  const tables: Record<string, string> = {
    file: table([...rowsOf(others), row('tasks', tasks), row('compute', compute)]),
    work: table(rowsOf(jsonSchemaOf(ComputeFile).properties ?? {})),
    who: table(rowsOf(jsonSchemaOf(RuleFile).properties ?? {})),
  };
  return template.replaceAll(/^\{\{(\w+)\}\}$/gm, (_, name: string) => tables[name] ?? '');
};

const table = (rows: readonly string[]): string =>
  ['| key | what | default | example |', '|---|---|---|---|', ...rows].join('\n');

/** Returns a row for each key. The forms of `who` have a separate table. */
const rowsOf = (properties: Record<string, JsonSchema>, before = ''): string[] =>
  Object.entries(properties).flatMap(([name, schema]) => {
    const path = `${before}${name}`;
    const inner = /^(allow|from)$/.test(name) ? undefined : schema.properties;
    const named = schema.additionalProperties ? schema.additionalProperties.properties : undefined;
    if (inner) return rowsOf(inner, `${path}.`);
    return [row(path, schema), ...(named ? rowsOf(named, `${path}.NAME.`) : [])];
  });

const row = (path: string, schema: JsonSchema): string => {
  const { description = '', enum: words, default: usual, examples = [] } = schema;
  const what = words
    ? `${description} One of ${words.map((word) => `\`${word}\``).join(', ')}.`
    : description;
  return `| \`${path}\` | ${what} | ${value(usual)} | ${value(examples[0])} |`;
};

const value = (what: unknown): string => (what === undefined ? '' : `\`${flow(what)}\``);

/** Formats a value in YAML's flow style. */
const flow = (what: unknown): string => {
  if (Array.isArray(what)) return `[${what.map(flow).join(', ')}]`;
  if (typeof what === 'object' && what !== null)
    return `{${Object.entries(what)
      .map(([key, one]) => `${key}: ${flow(one)}`)
      .join(', ')}}`;
  return typeof what === 'string' && !/^[\w./-]+$/.test(what) ? `'${what}'` : String(what);
};
