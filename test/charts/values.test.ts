import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { readChartSections } from '../../.ci/docs/chart.ts';
import { deployables } from '../../.ci/docs/deployables.ts';
import { webhooksPath } from '../../bot/server/http-server.ts';
import { inputQueue } from '../../contracts/blob-paths.ts';
import type { SettingsSchema } from '../../runtime/settings.ts';

/* `npm run verify` checks what Helm makes of the chart. These tests need only Node. */

type Schema = {
  $ref?: string;
  type?: unknown;
  properties?: Record<string, Schema>;
  additionalProperties?: unknown;
  definitions?: Record<string, Schema>;
  items?: Schema;
};
type Values = { [key: string]: unknown };

const chart = 'charts/coxswain';
const readText = (name: string): string => readFileSync(`${chart}/${name}`, 'utf8');
const schema = JSON.parse(readText('values.schema.json')) as Schema;
const defaults = parse(readText('values.yaml')) as Values;
const accepts = new Ajv({ allowUnionTypes: true }).compile(schema);

const isMap = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Merges values over the defaults, as Helm does. */
const merge = (base: Values, over: Values): Values => ({
  ...base,
  ...Object.fromEntries(
    Object.entries(over).map(([key, value]) => {
      const own = base[key];
      return [key, isMap(own) && isMap(value) ? merge(own, value) : value];
    }),
  ),
});

const follow = (at: Schema | undefined): Schema | undefined =>
  at?.$ref === undefined ? at : schema.definitions?.[at.$ref.replace('#/definitions/', '')];

const listObjects = (at: Schema): Schema[] => [
  at,
  ...[...Object.values(at.properties ?? {}), ...Object.values(at.definitions ?? {})].flatMap(listObjects),
  ...[at.items, at.additionalProperties].filter(isMap).flatMap(listObjects),
];

describe('values.schema.json', () => {
  test('accepts the defaults', () => {
    accepts(defaults);
    expect(accepts.errors).toBeNull();
  });

  test.each(readdirSync(`${chart}/ci`))('accepts ci/%s', (name) => {
    accepts(merge(defaults, parse(readText(`ci/${name}`)) as Values));
    expect(accepts.errors).toBeNull();
  });

  test.each<[string, Values]>([
    ['a key that there is not', { worker: { replicas: 3 } }],
    ['a key at the top that there is not', { workers: {} }],
    ['a secret', { storage: { connectionString: 'AccountName=a;AccountKey=b' } }],
    ['a number as text', { worker: { slots: '8' } }],
    ['no slots', { worker: { slots: 0 } }],
    ['a grace that the worker refuses', { worker: { graceSeconds: 3_601 } }],
    ['a program without a command', { worker: { programs: { count: {} } } }],
    ['programs as text', { worker: { programs: '{}' } }],
    ['a fallback without behavior', { scaling: { fallback: { failureThreshold: 3, replicas: 4 } } }],
    [
      'a fallback that stops workers',
      { scaling: { fallback: { failureThreshold: 3, replicas: 4, behavior: 'static' } } },
    ],
    ['a queue length of 0', { scaling: { queueLength: 0 } }],
    ['no bots', { bot: { replicas: 0 } }],
    ['an address without a scheme', { bot: { orchestratorUrl: 'orchestrator.example' } }],
    ['an address with a password', { bot: { orchestratorUrl: 'https://me:secret@orchestrator.example' } }],
    ['a URL as the host', { bot: { webhook: { host: 'https://coxswain.example.com' } } }],
    ['an unknown strategy', { scaling: { queueLengthStrategy: 'visibleOnly' } }],
  ])('refuses %s', (_, values) => {
    expect(accepts(merge(defaults, values))).toBe(false);
  });

  test('refuses null, with which Helm removes a default, except where that leaves something out', () => {
    // Helm removes the keys before it applies the schema.
    const listRemovable = (
      at: Schema,
      values: Values,
      path: string,
      remove: (over: Values) => Values,
    ): string[] =>
      Object.entries(values).flatMap(([key, value]) => {
        const { [key]: _removed, ...others } = values;
        const own = follow(at.properties?.[key]);
        const nested =
          isMap(value) && own?.properties
            ? listRemovable(own, value, `${path}${key}.`, (over) => remove({ ...values, [key]: over }))
            : [];
        return [...(accepts(remove(others)) ? [`${path}${key}`] : []), ...nested];
      });
    expect(listRemovable(schema, defaults, '', (over) => over)).toEqual([
      'worker.resources.requests',
      'worker.resources.limits',
      'worker.nodeSelector',
      'scaling.queueLength',
      'scaling.fallback',
      'bot.resources.requests',
      'bot.resources.limits',
      'bot.nodeSelector',
    ]);
  });

  test('accepts no key that it does not name, at any depth', () => {
    const open = listObjects(schema).filter(
      ({ properties, additionalProperties }) => properties !== undefined && additionalProperties !== false,
    );
    expect(open).toEqual([]);
  });

  test('has a default for each key, except "global", which Helm adds to the values of a subchart', () => {
    const listMissing = (at: Schema, values: unknown, path: string): string[] =>
      Object.entries(isMap(values) ? (at.properties ?? {}) : {}).flatMap(([key, one]) =>
        isMap(values) && key in values ? listMissing(one, values[key], `${path}${key}.`) : [`${path}${key}`],
      );
    expect(listMissing(schema, defaults, '')).toEqual(['global']);
  });
});

test('each value has a comment', () => {
  const values = readChartSections(readText('values.yaml')).flatMap((section) => section.values);
  expect(values.length).toBeGreaterThan(40);
  expect(values.filter(({ description }) => description === '').map(({ path }) => path)).toEqual([]);
});

describe('the templates', () => {
  const listVariables = (name: string): string[] =>
    [...readText(`templates/${name}`).matchAll(/- name: ([A-Z_]+)$/gm)].map(([, variable = '']) => variable);
  const common = listVariables('_helpers.tpl');

  /** The variables of a program: its settings, and the paths of files with them. */
  const listKnown = ({ entries }: SettingsSchema): string[] =>
    Object.entries(entries).flatMap(([name, { details }]) =>
      details.inFile ? [name, `${name}_FILE`] : [name],
    );

  test.each([
    ['worker', deployables.worker.schema, 'COXSWAIN_STORAGE'],
    ['bot', deployables.bot.schema, 'ORCHESTRATOR_KEY_FILE'],
  ] as const)('set only variables that the %s reads', (program, schema, expected) => {
    const variables = [...listVariables(`${program}-deployment.yaml`), ...common];
    expect(variables).toEqual(expect.arrayContaining([expected, 'COXSWAIN_ALLOW_HTTP']));
    const known = listKnown(schema);
    expect(variables.filter((name) => !known.includes(name))).toEqual([]);
  });

  test('send webhooks to the path at which the bot receives them', () => {
    expect(readText('templates/bot-webhook-route.yaml')).toContain(`"${webhooksPath}"`);
    expect(readText('templates/NOTES.txt')).toContain(`}}${webhooksPath}\n`);
  });

  test('let KEDA read the queue of the blocks', () => {
    expect(readText('templates/worker-scaling.yaml')).toContain(`queueName: ${inputQueue}\n`);
  });
});

test('the chart installs the version of this repository', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(parse(readText('Chart.yaml'))).toMatchObject({ version, appVersion: version });
});
