import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import * as v from 'valibot';
import { table } from '../../chatops/markdown/table.ts';

const Input = v.strictObject({
  description: v.string(),
  required: v.optional(v.boolean(), false),
  default: v.optional(v.string()),
});

/** What `action.yml` says of inputs and outputs. */
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

/** Tables of the inputs and outputs of `action.yml`. */
export const actionTables = async (): Promise<Record<string, string>> => {
  const { inputs, outputs } = await readActionFile();
  return {
    inputs: table(
      ['input', 'what', 'default'],
      Object.entries(inputs).map(([name, input]) => [
        `\`${name}\`${input.required ? ' (required)' : ''}`,
        input.description,
        input.default === undefined ? '' : `\`${input.default}\``,
      ]),
    ),
    outputs: table(
      ['output', 'what'],
      Object.entries(outputs).map(([name, { description }]) => [`\`${name}\``, description]),
    ),
  };
};

/** `docs/action.md`: `action.template.md`, with its tables made of `action.yml`. */
export const actionPage = async (): Promise<string> => {
  const tables = await actionTables();
  const template = await readFile('.ci/docs/action.template.md', 'utf8');
  return template.replaceAll(/^\{\{(\w+)\}\}$/gm, (_, name: string) => tables[name] ?? '');
};
