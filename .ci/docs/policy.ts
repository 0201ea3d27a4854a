import { readFile } from 'node:fs/promises';
import { PolicyFile } from '../../chatops/policy/policy-schema.ts';
import { RuleFile } from '../../chatops/policy/rule-schema.ts';
import { ComputeFile } from '../../chatops/policy/task-schema.ts';
import { buildJsonSchema, type JsonSchema } from './policy-schema.ts';

/** Returns the content of `docs/policy.md`: `policy.template.md`, with tables of the keys in the policy's schema. */
export const renderPolicyPage = async (): Promise<string> => {
  const template = await readFile('.ci/docs/policy.template.md', 'utf8');
  const { properties: ofFile = {} } = buildJsonSchema(PolicyFile);
  const { tasks = {}, compute = {}, ...others } = ofFile;
  const tables: Record<string, string> = {
    file: formatTable([...buildRows(others), formatRow('tasks', tasks), formatRow('compute', compute)]),
    work: formatTable(buildRows(buildJsonSchema(ComputeFile).properties ?? {})),
    who: formatTable(buildRows(buildJsonSchema(RuleFile).properties ?? {})),
  };
  return template.replaceAll(/^\{\{(\w+)\}\}$/gm, (_, name: string) => tables[name] ?? '');
};

const formatTable = (rows: readonly string[]): string =>
  ['| key | what | default | example |', '|---|---|---|---|', ...rows].join('\n');

/** Returns a row for each key. The forms of `who` have a separate table. */
const buildRows = (properties: Record<string, JsonSchema>, before = ''): string[] =>
  Object.entries(properties).flatMap(([name, schema]) => {
    const path = `${before}${name}`;
    const inner = /^(allow|from)$/.test(name) ? undefined : schema.properties;
    const named = schema.additionalProperties ? schema.additionalProperties.properties : undefined;
    if (inner) return buildRows(inner, `${path}.`);
    return [formatRow(path, schema), ...(named ? buildRows(named, `${path}.NAME.`) : [])];
  });

const formatRow = (path: string, schema: JsonSchema): string => {
  const { description = '', enum: words, default: usual, examples = [] } = schema;
  const what = words
    ? `${description} One of ${words.map((word) => `\`${word}\``).join(', ')}.`
    : description;
  return `| \`${path}\` | ${what} | ${formatCode(usual)} | ${formatCode(examples[0])} |`;
};

const formatCode = (what: unknown): string => (what === undefined ? '' : `\`${formatFlow(what)}\``);

/** Formats a value in YAML's flow style. */
const formatFlow = (what: unknown): string => {
  if (Array.isArray(what)) return `[${what.map(formatFlow).join(', ')}]`;
  if (typeof what === 'object' && what !== null)
    return `{${Object.entries(what)
      .map(([key, one]) => `${key}: ${formatFlow(one)}`)
      .join(', ')}}`;
  return typeof what === 'string' && !/^[\w./-]+$/.test(what) ? `'${what}'` : String(what);
};
