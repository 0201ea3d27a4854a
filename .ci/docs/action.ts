import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import * as v from 'valibot';
import { formatTable } from '../../chatops/markdown/table.ts';

const Input = v.strictObject({
  description: v.string(),
  required: v.optional(v.boolean(), false),
  default: v.optional(v.string()),
});

/** The schema of `action.yml`. */
export const ActionFile = v.looseObject({
  inputs: v.record(v.string(), Input),
  outputs: v.record(v.string(), v.strictObject({ description: v.string() })),
  runs: v.strictObject({
    using: v.literal('node24'),
    main: v.string(),
    post: v.string(),
    'post-if': v.literal('cancelled()'),
  }),
});

export const readActionFile = async (): Promise<v.InferOutput<typeof ActionFile>> =>
  v.parse(ActionFile, parse(await readFile('action.yml', 'utf8')));

/** Returns tables of the inputs and outputs of `action.yml`. */
const buildActionTables = async (): Promise<Record<string, string>> => {
  const { inputs, outputs } = await readActionFile();
  return {
    inputs: formatTable(
      ['input', 'what', 'default'],
      Object.entries(inputs).map(([name, input]) => [
        `\`${name}\`${input.required ? ' (required)' : ''}`,
        input.description,
        input.default === undefined ? '' : `\`${input.default}\``,
      ]),
    ),
    outputs: formatTable(
      ['output', 'what'],
      Object.entries(outputs).map(([name, { description }]) => [`\`${name}\``, description]),
    ),
  };
};

/** Returns `docs/action.md`: `action.template.md` with tables generated from `action.yml`. */
export const buildActionPage = async (): Promise<string> => {
  const tables = await buildActionTables();
  const template = await readFile('.ci/docs/action.template.md', 'utf8');
  return template.replaceAll(/^\{\{(\w+)\}\}$/gm, (_, name: string) => tables[name] ?? '');
};
