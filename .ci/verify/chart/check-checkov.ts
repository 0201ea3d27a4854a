import { glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { run } from '../run.ts';
import { renderChart, type Chart } from './render.ts';

/** What checkov found. `check`: its ID, such as CKV_K8S_43. */
type Finding = { check: string; text: string };

/**
 * Runs checkov on the rendered chart and on the Dockerfiles. Every finding that .checkov.yaml does not accept is a problem; so is one
 * that it accepts without a comment that says why, or that no longer occurs.
 */
export const runCheckov = async (checkov: string, chart: Chart, root = '.'): Promise<string[]> => {
  const accepted = await readAccepted(join(root, '.checkov.yaml'));
  const found = await scan(checkov, chart, root);
  return [
    ...found.filter(({ check }) => !accepted.has(check)).map(({ check, text }) => `${check}: ${text}`),
    ...[...accepted]
      .filter(([, reason]) => reason === '')
      .map(([check]) => `.checkov.yaml accepts ${check} without a comment that says why`),
    ...[...accepted.keys()]
      .filter((check) => !found.some((finding) => finding.check === check))
      .map((check) => `.checkov.yaml accepts ${check}, which is not found any more: remove it`),
  ];
};

/** Reads the list `skip-check`, and the comment above each entry. */
const readAccepted = async (path: string): Promise<Map<string, string>> => {
  const { contents } = parseDocument(await readFile(path, 'utf8'));
  const list = isMap(contents) ? contents.get('skip-check', true) : undefined;
  if (!isSeq(list)) throw new Error(`${path} has no list "skip-check"`);
  // The parser attaches the comment above the first entry to the list.
  return new Map(
    list.items.filter(isScalar).map((item, index) => {
      const comment = item.commentBefore ?? (index === 0 ? list.commentBefore : undefined);
      return [String(item.value), comment?.trim() ?? ''];
    }),
  );
};

type Report = {
  results: {
    failed_checks: { check_id: string; check_name: string; resource: string; file_path: string }[];
    parsing_errors: string[];
  };
};

/** Scans in a folder without .checkov.yaml, so that the accepted findings are found, too. */
const scan = async (checkov: string, chart: Chart, root: string): Promise<Finding[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-checkov-'));
  try {
    const files = await Array.fromAsync(glob('{*,*/*}/Dockerfile', { cwd: root, exclude: ['node_modules'] }));
    const paths = files.map((file) => resolve(root, file));
    for (const { values, text } of await renderChart(chart)) {
      const path = join(folder, basename(values));
      await writeFile(path, text);
      paths.push(path);
    }
    const frameworks = ['--framework', 'kubernetes', 'dockerfile'];
    const options = ['--output', 'json', '--compact', '--quiet', '--skip-download', '--soft-fail'];
    // The script's first line names the folder in which it was installed first.
    const python = join(dirname(checkov), 'python');
    const argv = [checkov, ...frameworks, ...options, '--file', ...paths];
    const { code, output } = await run([python, ...argv], { folder, environment: { LOG_LEVEL: 'ERROR' } });
    if (code !== 0) throw new Error(`checkov exited with ${code}: ${output}`);
    const reports = [JSON.parse(output) as Report | Report[]].flat();
    const [error] = reports.flatMap(({ results }) => results.parsing_errors);
    if (error !== undefined) throw new Error(`checkov cannot parse ${error}`);
    return reports.flatMap(({ results }) =>
      results.failed_checks.map(({ check_id, check_name, resource, file_path }) => ({
        check: check_id,
        text: `${basename(file_path)}: ${relative(resolve(root), resource)}: ${check_name}`,
      })),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
};
