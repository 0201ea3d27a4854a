import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { run } from '../run.ts';
import { platforms, schemaPath, type Platform } from './platforms.ts';
import type { Rendering } from './render.ts';

/** kubeconform, and the folder of its schemas. */
export type SchemaTools = { kubeconform: string; schemas: string };

type Report = {
  resources: { filename: string; kind: string; name: string; msg: string }[];
  summary: { valid: number };
};

/** Returns the objects that a platform's API server refuses: unknown kinds and fields, wrong types, missing fields. */
export const checkSchemas = async (
  { kubeconform, schemas }: SchemaTools,
  { kubernetes }: Platform,
  renderings: readonly Rendering[],
): Promise<string[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-chart-'));
  try {
    for (const { values, text } of renderings) await writeFile(join(folder, basename(values)), text);
    const location = join(
      schemas,
      kubernetes,
      '{{ .Group }}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json',
    );
    const options = ['-strict', '-summary', '-output', 'json', '-schema-location', location];
    const { code, stdout, output } = await run([kubeconform, ...options, folder]);
    if (!stdout.startsWith('{')) return [`kubeconform exited with ${code}: ${output}`];
    const { resources, summary } = JSON.parse(stdout) as Report;
    const expected = renderings.reduce((sum, { objects }) => sum + objects.length, 0);
    const wrong = resources.map(
      ({ filename, kind, name, msg }) =>
        `${basename(filename)}: ${kind} ${name}: ${msg.replace(/^.*?#' - /s, '')}`,
    );
    if (wrong.length > 0 || summary.valid === expected) return wrong;
    return [`kubeconform checked ${summary.valid} of ${expected} objects`];
  } finally {
    await rm(folder, { recursive: true });
  }
};

type Schema = { properties?: Record<string, Schema>; enum?: readonly string[]; const?: string };

const findBehaviors = (schema: Schema, ...path: readonly string[]): readonly string[] => {
  let found: Schema | undefined = schema;
  for (const name of path) found = found?.properties?.[name];
  return found?.enum ?? (found?.const === undefined ? [] : [found.const]);
};

const readSchema = async (path: string): Promise<Schema> =>
  JSON.parse(await readFile(path, 'utf8')) as Schema;

/** Returns the versions of KEDA that do not know a `behavior` of `fallback` which the values permit. */
export const checkFallback = async (schemas: string, chart: string): Promise<string[]> => {
  const values = await readSchema(join(chart, 'values.schema.json'));
  const permitted = findBehaviors(values, 'scaling', 'fallback', 'behavior');
  if (permitted.length === 0) return ['values.schema.json does not restrict scaling.fallback.behavior'];
  const scaledObject = schemaPath({ group: 'keda.sh', version: 'v1alpha1', kind: 'ScaledObject' });
  const checked = platforms.map(async ({ kubernetes, keda }) => {
    const schema = await readSchema(join(schemas, kubernetes, scaledObject));
    const known = findBehaviors(schema, 'spec', 'fallback', 'behavior');
    return permitted
      .filter((behavior) => !known.includes(behavior))
      .map((behavior) => `KEDA ${keda} does not know the behavior "${behavior}"`);
  });
  return (await Promise.all(checked)).flat();
};
