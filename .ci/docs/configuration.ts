import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { formatTable } from '../../chatops/markdown/table.ts';
import { WorkerSettings } from '../../compute/worker/settings.ts';
import { formatConfig } from '../../runtime/print-config.ts';
import { readSettings, type SettingsSchema } from '../../runtime/settings.ts';
import { deployables, type Deployable } from './deployables.ts';

/** Returns `docs/configuration.md`: `configuration.template.md` with a table of settings for each program, and examples. */
export const buildConfigurationPage = async (): Promise<string> => {
  const parts: Record<string, string> = {
    config: formatConfig('worker', WorkerSettings, example).trimEnd(),
    errors: findErrors(),
    deployables: Object.values(deployables).map(renderDeployable).join('\n\n'),
  };
  const template = await readFile('.ci/docs/configuration.template.md', 'utf8');
  return template.replaceAll(/^\{\{(\w+)\}\}$/gm, (_, name: string) => parts[name] ?? '');
};

/** A worker with a secret in a file, for the examples. */
const example = {
  environment: { COXSWAIN_STORAGE: 'AccountName=example;AccountKey=example', COXSWAIN_SLOTS: '4' },
  origins: { COXSWAIN_STORAGE: 'file /run/secrets/storage' },
  unreadable: {},
};

const findErrors = (): string => {
  const wrong = { COXSWAIN_SLOTS: 'many', COXSWAIN_GRACE_SECONDS: '1m' };
  try {
    readSettings(WorkerSettings, wrong, { unreadable: {} });
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error('expected the example to have errors');
};

const renderDeployable = ({ bundle, title, about, schema, readsFiles, restart }: Deployable): string => {
  const rows = listPublic(schema).map(([name, entry]) => {
    const { description, secret, inFile } = entry.details;
    const fromFile = inFile && readsFiles;
    return [
      [`\`${name}\``, ...(fromFile ? [`or \`${name}_FILE\``] : []), ...(secret ? ['(secret)'] : [])].join(
        '<br>',
      ),
      `${[description, ...describeAllowed(entry), ...describeRules(entry)].join(' ')}<br>${describeDefault(entry)}`,
      fromFile ? restart.file : restart.variable,
    ];
  });
  return [
    `## ${title}`,
    about,
    ...(bundle === undefined ? [] : [`\`node dist/${bundle}.mjs --print-config\` prints its settings.`]),
    formatTable(['Setting', 'Description', 'Restart'], rows),
  ].join('\n\n');
};

type Setting = SettingsSchema['entries'][string];

const listPublic = ({ entries }: SettingsSchema): [name: string, entry: Setting][] =>
  Object.entries(entries).filter(([, { details }]) => details.internal !== true);

const describeRules = ({ details: { formerName, requires } }: Setting): string[] => [
  ...(Array.isArray(requires)
    ? [`Requires ${new Intl.ListFormat('en').format(requires.map((name) => `\`${name}\``))}.`]
    : []),
  ...(formerName === undefined ? [] : [`Formerly \`${formerName}\`, which works until the next release.`]),
];

/** Returns which values a setting accepts, in the words of its error, unless its description says so. */
const describeAllowed = (entry: Setting): string[] => {
  const message = v.safeParse(entry, 0).issues?.[0].message ?? '';
  const expected = /^expected (?:an? |the )?(.*)$/s.exec(message);
  if (!expected || entry.details.description.includes(expected[1] ?? '')) return [];
  return [`Allowed: ${message.replace('expected ', '')}.`];
};

/** Returns the line about the default, which is not a column: defaults can be long, and their column would make the table scroll. */
const describeDefault = (entry: Setting): string => {
  const { whenMissing = 'none' } = entry.details;
  if (entry.type !== 'optional')
    return whenMissing === 'none' ? '**Required**' : `**Required**, or ${whenMissing}`;
  const { default: value } = entry as Setting & { default?: string };
  return `Default: ${value === undefined ? whenMissing : `\`${value}\``}`;
};
