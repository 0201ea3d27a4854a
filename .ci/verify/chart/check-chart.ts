import { basename } from 'node:path';
import { printResult, type CheckResult } from '../check-result.ts';
import { run } from '../run.ts';
import type { Tools } from '../tools.ts';
import { checkDocumentation } from './check-documentation.ts';
import { checkRefusals } from './check-refusals.ts';
import { runCheckov } from './check-checkov.ts';
import { checkFallback, checkSchemas, type SchemaTools } from './check-schemas.ts';
import { checkVersions } from './check-versions.ts';
import { checkValues } from './check-values.ts';
import { platforms } from './platforms.ts';
import { findValuesFiles, renderChart, type Chart, type Rendering } from './render.ts';
import { findProblems } from './rendered-rules.ts';

/** A check of the chart. Returns what is wrong. */
export type ChartCheck = { name: string; check: (chart: Chart) => Promise<string[]> };

/** Returns the checks for which the tools are there. */
export const listChartChecks = ({ kubeconform, schemas, checkov }: Tools): ChartCheck[] => [
  { name: 'helm lint', check: lintChart },
  { name: 'values are used, declared and closed', check: ({ folder }) => checkValues(folder) },
  { name: 'wrong values are refused', check: checkRefusals },
  { name: 'examples in the documentation are accepted', check: checkDocumentation },
  { name: 'needs no permission, opens no port, restricts its pods', check: checkRules },
  { name: 'renders the same each time', check: checkRepeated },
  ...(kubeconform && schemas ? listSchemaChecks({ kubeconform, schemas }) : []),
  ...(checkov
    ? [{ name: 'checkov, with the Dockerfiles', check: (chart: Chart) => runCheckov(checkov, chart) }]
    : []),
];

/** Runs all checks of the chart, if helm is there. */
export const checkChart = async (folder: string, tools: Tools): Promise<CheckResult[]> => {
  const { helm } = tools;
  if (!helm) return [];
  const results: CheckResult[] = [];
  for (const { name, check } of listChartChecks(tools))
    results.push(await printResult(runCheck(`chart: ${name}`, check({ folder, helm }))));
  return results;
};

const runCheck = async (name: string, check: Promise<string[]>): Promise<CheckResult> => {
  try {
    return { name, wrong: await check, output: '' };
  } catch (error) {
    return { name, wrong: [error instanceof Error ? error.message : String(error)], output: '' };
  }
};

/** Prefixes problems with the values files in which they occur. */
const forEachFile = (renderings: readonly Rendering[], find: (rendering: Rendering) => string[]): string[] =>
  renderings.flatMap((rendering) =>
    find(rendering).map((problem) => `${basename(rendering.values)}: ${problem}`),
  );

const lintChart = async ({ folder, helm }: Chart): Promise<string[]> => {
  const wrong: string[] = [];
  for (const values of await findValuesFiles(folder)) {
    const { code, output } = await run([helm, 'lint', '--strict', '--quiet', '--values', values, folder]);
    if (code !== 0) wrong.push(`${basename(values)}: helm lint exited with ${code}: ${output}`);
  }
  return wrong;
};

const checkRules = async (chart: Chart): Promise<string[]> =>
  forEachFile(await renderChart(chart), ({ objects }) => findProblems(objects));

const checkRepeated = async (chart: Chart): Promise<string[]> => {
  const second = await renderChart(chart);
  return forEachFile(await renderChart(chart), ({ text, values }) =>
    second.some((rendering) => rendering.values === values && rendering.text === text)
      ? []
      : ['two renderings differ, so that each upgrade changes something'],
  );
};

const listSchemaChecks = (tools: SchemaTools): ChartCheck[] => [
  { name: 'supported versions', check: ({ folder }) => checkVersions(folder) },
  { name: 'behaviors of fallback', check: ({ folder }) => checkFallback(tools.schemas, folder) },
  ...platforms.map((platform) => ({
    name: `schemas of Kubernetes ${platform.kubernetes}, KEDA ${platform.keda}, Gateway API ${platform.gatewayApi}`,
    check: async (chart: Chart) => checkSchemas(tools, platform, await renderChart(chart)),
  })),
];
