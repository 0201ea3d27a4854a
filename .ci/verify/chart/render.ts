import { glob } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { run } from '../run.ts';

/** A chart, and the helm that renders it. */
export type Chart = { folder: string; helm: string };

/** An object of Kubernetes. Its kind decides about the fields, so readers narrow what they read. */
export type KubernetesObject = {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    annotations?: Record<string, string>;
    labels?: Record<string, string>;
  };
  spec?: unknown;
};

/** Returns the kind and the name of an object, for messages. */
export const describe = ({ kind, metadata }: KubernetesObject): string => `${kind} ${metadata.name}`;

/** What a values file renders. `values`: the path of the file, `text`: YAML. */
export type Rendering = { values: string; text: string; objects: KubernetesObject[] };

/** Returns the chart's values files for checks, in order. */
export const findValuesFiles = async (chart: string): Promise<string[]> =>
  (await Array.fromAsync(glob(join(chart, 'ci', '*.yaml')))).sort();

/** The namespace of the release that is rendered. */
export const releaseNamespace = 'compute';

/** Runs `helm template` for a release `coxswain`. */
export const runTemplate = ({ folder, helm }: Chart, argv: readonly string[]) =>
  run([helm, 'template', 'coxswain', folder, '--namespace', releaseNamespace, ...argv]);

/** Renders a chart with each of its values files. */
export const renderChart = async (chart: Chart): Promise<Rendering[]> => {
  const files = await findValuesFiles(chart.folder);
  if (files.length === 0) throw new Error(`${join(chart.folder, 'ci')} contains no values file`);
  return Promise.all(files.map((values) => render(chart, values)));
};

const render = async (chart: Chart, values: string): Promise<Rendering> => {
  // helm warns on stderr.
  const { code, stdout, output } = await runTemplate(chart, ['--values', values]);
  if (code !== 0) throw new Error(`helm cannot render the chart with ${basename(values)}: ${output}`);
  const documents = parseAllDocuments(stdout);
  const [error] = documents.flatMap(({ errors }) => errors);
  if (error) throw new Error(`the chart with ${basename(values)} is not YAML: ${error.message}`);
  const objects = documents.map((document) => document.toJS() as KubernetesObject | null);
  return { values, text: stdout, objects: objects.filter((object) => object !== null) };
};
