import { readFile } from 'node:fs/promises';
import { isCollection, isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';
import { formatTable } from '../../chatops/markdown/table.ts';

/** A value of the chart. `path`: its keys, joined by dots. `text`: its default, as in `values.yaml`. */
type ChartValue = { path: string; description: string; text: string };

/** A section of the page: the values below one key at the top of `values.yaml`, or all values at the top. */
type ChartSection = { name: string; description: string; values: ChartValue[] };

const valuesFile = 'charts/coxswain/values.yaml';

/** Returns `charts/coxswain/README.md`: `chart.template.md` with the values, whose comments are their documentation. */
export const buildChartPage = async (): Promise<string> => {
  const values = readChartSections(await readFile(valuesFile, 'utf8'))
    .map(renderSection)
    .join('\n\n');
  const template = await readFile('.ci/docs/chart.template.md', 'utf8');
  return template.replace(/^\{\{values\}\}$/m, () => values);
};

/**
 * Returns the values in a `values.yaml`. A block of keys is a group of values, and anything else, such as a flow collection (`{…}`), is
 * one value.
 */
export const readChartSections = (text: string): ChartSection[] => {
  const { contents } = parseDocument(text);
  if (!isMap(contents)) throw new Error(`${valuesFile}: expected a map of values`);
  const entries = listPairs(contents);
  const groups = entries.filter(({ value }) => isGroup(value));
  const common = entries.filter(({ value }) => !isGroup(value));
  return [
    ...groups.map((group) => ({
      name: group.name,
      description: group.description,
      values: listPairs(group.value as YAMLMap).flatMap((entry) => listValues(entry, `${group.name}.`, text)),
    })),
    {
      name: 'All programs',
      description: '',
      values: common.flatMap((entry) => listValues(entry, '', text)),
    },
  ];
};

const isGroup = (value: unknown): value is YAMLMap => isMap(value) && value.flow !== true;

type Entry = { name: string; description: string; value: unknown };

const listPairs = (map: YAMLMap): Entry[] =>
  map.items.map((pair: Pair, at) => {
    if (!isScalar(pair.key)) throw new Error(`${valuesFile}: expected a name as the key`);
    // The parser counts the comment above the first key as the map's.
    const comment = pair.key.commentBefore ?? (at === 0 ? map.commentBefore : undefined) ?? '';
    return { name: String(pair.key.value), description: toSentence(comment), value: pair.value };
  });

/** Returns the last paragraph of a comment in one line. */
const toSentence = (comment: string): string =>
  (comment.split(/\n\s*\n/).at(-1) ?? '').replaceAll(/\s+/g, ' ').trim();

const listValues = ({ name, description, value }: Entry, parent: string, text: string): ChartValue[] => {
  const path = parent + name;
  if (!isGroup(value)) return [{ path, description, text: readSource(value, text) }];
  const values = listPairs(value).flatMap((entry) => listValues(entry, `${path}.`, text));
  return description === '' ? values : [{ path, description, text: '' }, ...values];
};

const readSource = (value: unknown, text: string): string => {
  const range = isScalar(value) || isCollection(value) ? value.range : undefined;
  return range ? text.slice(range[0], range[1]) : '';
};

const renderSection = ({ name, description, values }: ChartSection): string => {
  const rows = values.map(({ path, description, text }) => [
    `\`${path}\``,
    description,
    text === '' ? '' : `\`${text}\``,
  ]);
  const table = formatTable(['value', 'what', 'default'], rows);
  return [`### ${name}`, description, table].filter((part) => part !== '').join('\n\n');
};
