import { glob, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { findValueUses, type ValueUse } from './value-uses.ts';

type Path = readonly string[];
type Values = { readonly [key: string]: unknown };

/** A schema of values, as far as it declares keys. */
type ValuesSchema = {
  $ref?: string;
  properties?: Record<string, ValuesSchema>;
  additionalProperties?: ValuesSchema | boolean;
  definitions?: Record<string, ValuesSchema>;
};

/**
 * Compares the values of a chart with its templates: each value must be used by a template, and each use must be of a value that
 * values.yaml declares, or values.schema.json below a value that is null or empty by default.
 */
export const checkValues = async (chart: string): Promise<string[]> => {
  const values = parse(await readFile(join(chart, 'values.yaml'), 'utf8')) as Values;
  const schema = JSON.parse(await readFile(join(chart, 'values.schema.json'), 'utf8')) as ValuesSchema;
  const uses = await readUses(chart);
  const isDeclared = (path: Path) => hasPath(values, path) || hasSchema(schema, path);
  return [
    ...uses
      .filter(({ path }) => !isDeclared(path))
      .map(({ path, file }) => `${file} uses ${format(path)}, which values.yaml does not declare`),
    ...uses
      .filter(({ path }) => path.length === 0)
      .map(({ file }) => `${file} uses all of .Values: name the values instead`),
    ...leaves(values)
      .filter((leaf) => !uses.some((use) => covers(use, leaf)))
      .map((leaf) => `no template uses ${format(leaf)}`),
  ];
};

const format = (path: Path): string => `.Values.${path.join('.')}`;

const readUses = async (chart: string): Promise<(ValueUse & { file: string })[]> => {
  const files = (await Array.fromAsync(glob(join(chart, 'templates/**/*.{yaml,tpl,txt}')))).sort();
  const found = await Promise.all(
    files.map(async (file) =>
      findValueUses(await readFile(file, 'utf8')).map((use) => ({ ...use, file: basename(file) })),
    ),
  );
  return found.flat();
};

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns the paths of the values that a template uses at once: scalars, lists, and empty maps. */
const leaves = (values: Values, above: Path = []): Path[] =>
  Object.entries(values).flatMap(([key, value]) => {
    const path = [...above, key];
    return isObject(value) && Object.keys(value).length > 0 ? leaves(value, path) : [path];
  });

const matches = (key: string, used: string): boolean => used === '*' || used === key;

/** Whether a use is of this value, of something above it as a whole, or of something below it. */
const covers = ({ path, whole }: ValueUse, leaf: Path): boolean => {
  const common = Math.min(path.length, leaf.length);
  const above = leaf.slice(0, common);
  if (!above.every((key, index) => matches(key, path[index] ?? '*'))) return false;
  return path.length >= leaf.length || (whole && path.length > 0);
};

const hasPath = (values: unknown, [key, ...below]: Path): boolean => {
  if (key === undefined) return true;
  if (!isObject(values)) return false;
  const found = Object.keys(values).filter((name) => matches(name, key));
  return found.some((name) => hasPath(values[name], below));
};

const follow = (root: ValuesSchema, { $ref, ...schema }: ValuesSchema): ValuesSchema => {
  const name = $ref?.replace('#/definitions/', '');
  return name === undefined ? schema : (root.definitions?.[name] ?? {});
};

const hasSchema = (root: ValuesSchema, path: Path): boolean => declaresPath(root, root, path);

const declaresPath = (root: ValuesSchema, schema: ValuesSchema, [key, ...below]: Path): boolean => {
  if (key === undefined) return true;
  const { properties = {}, additionalProperties } = follow(root, schema);
  const found = Object.entries(properties).filter(([name]) => matches(name, key));
  if (found.length > 0) return found.some(([, property]) => declaresPath(root, property, below));
  // A map, such as a node selector.
  return typeof additionalProperties === 'object' && declaresPath(root, additionalProperties, below);
};
