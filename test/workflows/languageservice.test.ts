import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/* GitHub's own checker, which its editor extension uses. */

type Finding = { message: string; range: { start: { line: number } } };
type LanguageService = { check: (uri: string, text: string) => Promise<Finding[]> };

/** The package imports JSON in a way that Node does not take, so it is bundled first. */
const source = `
import { validate } from '@actions/languageservice';
import { TextDocument } from 'vscode-languageserver-textdocument';
export const check = (uri, text) => validate(TextDocument.create(uri, 'yaml', 1, text));
`;

let folder: string;
let service: LanguageService;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coxswain-languageservice-'));
  const outfile = join(folder, 'service.mjs');
  await build({
    stdin: { contents: source, resolveDir: 'node_modules/@actions/languageservice' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  });
  service = (await import(pathToFileURL(outfile).href)) as LanguageService;
});
afterAll(() => rm(folder, { recursive: true }));

const findings = async (path: string, text: string): Promise<string[]> =>
  (await service.check(`file:///coxswain/${path}`, text)).map(
    ({ message, range }) => `${path}:${range.start.line + 1}: ${message}`,
  );

test.each(globSync(['.github/workflows/*.yml', 'action.yml']))('%s has no finding', async (path) => {
  expect(await findings(path, await readFile(path, 'utf8'))).toEqual([]);
});

test('no workflow in the documentation has a finding', async () => {
  const text = await readFile('docs/action.md', 'utf8');
  const workflows = [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, block = '']) => block);
  const whole = workflows.filter((block) => /^on:/m.test(block));
  expect(whole).toHaveLength(5);
  for (const block of whole) expect(await findings('.github/workflows/pasted.yml', block)).toEqual([]);
});

test('it finds errors in a workflow and in an action', async () => {
  const workflow = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - runs: x\n';
  expect(await findings('.github/workflows/wrong.yml', workflow)).toContain(
    ".github/workflows/wrong.yml:6: Unexpected value 'runs'",
  );
  const action = 'name: x\ndescription: y\nruns:\n  using: node24\n  main: a.js\n  mane: b.js\n';
  expect(await findings('wrong/action.yml', action)).toContain("wrong/action.yml:6: Unexpected value 'mane'");
});
