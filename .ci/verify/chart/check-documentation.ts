import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTemplate, type Chart } from './render.ts';

const page = 'docs/kubernetes.md';

/** Renders the chart with each example of values in the documentation, added to the first one. Returns what helm says about the others. */
export const checkDocumentation = async (chart: Chart): Promise<string[]> => {
  const blocks = [...(await readFile(page, 'utf8')).matchAll(/^```yaml\n(.*?)^```$/gms)];
  const examples = blocks.map(([, text = '']) => text).filter((text) => !text.startsWith('apiVersion:'));
  const [first = '', ...others] = examples;
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-examples-'));
  const wrong: string[] = [];
  try {
    for (const [index, text] of ['', ...others].entries()) {
      const files = [join(folder, 'first.yaml'), join(folder, `${index}.yaml`)];
      await Promise.all([first, text].map((values, file) => writeFile(files[file] ?? '', values)));
      const { code, output } = await runTemplate(chart, ['--values', files.join(',')]);
      if (code !== 0) wrong.push(`${page}: helm does not accept this example: ${output}\n${text || first}`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return wrong;
};
