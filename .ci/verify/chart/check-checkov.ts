import { glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { run } from '../run.ts';
import { renderChart, type Chart } from './render.ts';

/** What checkov found. `check`: its ID, such as CKV_K8S_43. `place`: a file and a resource. */
type Finding = { check: string; name: string; place: string };

/**
 * Runs checkov on the rendered chart and on the Dockerfiles. Every finding that .checkov.yaml does not accept is a problem; so is one
 * that it accepts without a comment that says why, or that no longer occurs.
 */
export const runCheckov = async (checkov: string, chart: Chart, root = '.'): Promise<string[]> => {
  const accepted = await readAccepted(join(root, '.checkov.yaml'));
  const found = await scan(checkov, chart, root);
  return [
    ...describe(found.filter(({ check }) => !accepted.has(check))),
    ...[...accepted]
      .filter(([, reason]) => reason === '')
      .map(([check]) => `.checkov.yaml accepts ${check} without a comment that says why`),
    ...[...accepted.keys()]
      .filter((check) => !found.some((finding) => finding.check === check))
      .map((check) => `.checkov.yaml accepts ${check}, which checkov no longer finds: remove it`),
  ];
};

/** Returns a line for each check. One mistake in a template is found in the rendering of each values file. */
const describe = (findings: readonly Finding[]): string[] =>
  [...Map.groupBy(findings, ({ check }) => check)].map(([check, [first, ...others]]) => {
    const more = others.length > 0 ? `, and ${others.length} more` : '';
    return `${check}: ${first?.name}: ${first?.place}${more}`;
  });

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
    const { code, stdout, output } = await run([python, ...argv], {
      folder,
      environment: { LOG_LEVEL: 'ERROR' },
    });
    if (code !== 0) throw new Error(`checkov exited with ${code}: ${output}`);
    const reports = [JSON.parse(stdout) as Report | Report[]].flat();
    const [error] = reports.flatMap(({ results }) => results.parsing_errors);
    if (error !== undefined) throw new Error(`checkov cannot parse ${error}`);
    return reports.flatMap(({ results }) =>
      results.failed_checks.map(({ check_id, check_name, resource, file_path }) => ({
        check: check_id,
        name: check_name,
        place: `${basename(file_path)}: ${relative(resolve(root), resource)}`,
      })),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
};
