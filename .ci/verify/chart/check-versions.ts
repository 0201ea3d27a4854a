import { glob, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { platforms } from './platforms.ts';

/**
 * Checks that the schemas cover the chart's claims: the oldest version of Kubernetes that Chart.yaml permits is the oldest one that we
 * check, and what is rendered depends on no version.
 */
export const checkVersions = async (chart: string): Promise<string[]> => {
  const { kubeVersion } = parse(await readFile(join(chart, 'Chart.yaml'), 'utf8')) as {
    kubeVersion?: string;
  };
  const [oldest] = platforms[0].kubernetes.split(/\.\d+$/);
  const templates = await Array.fromAsync(glob(join(chart, 'templates/**/*.{yaml,tpl}')));
  const wrong =
    kubeVersion === `>=${oldest}.0-0`
      ? []
      : [`Chart.yaml: kubeVersion is ${kubeVersion}, but the oldest version that is checked is ${oldest}`];
  for (const template of templates)
    if ((await readFile(template, 'utf8')).includes('.Capabilities'))
      wrong.push(`${basename(template)} depends on .Capabilities, but the chart is rendered for one version`);
  return wrong;
};
