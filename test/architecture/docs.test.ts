import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

/* The scripts, packages, files and headings that the documentation names exist. */

type Package = Record<'scripts' | 'dependencies' | 'devDependencies', Record<string, string>>;
const { scripts, dependencies, devDependencies } = JSON.parse(
  readFileSync('package.json', 'utf8'),
) as Package;
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'charts/coxswain/README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...readdirSync('docs/decisions').map((name) => `docs/decisions/${name}`),
];

describe('documents', () => {
  test.each([
    ['At run time', dependencies],
    ['For development', devDependencies],
  ])('docs/dependencies.md has a line for each package: %s', (heading, packages) => {
    const text = readFileSync('docs/dependencies.md', 'utf8');
    const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
    const named = [...section.matchAll(/^\| (.+?) \|/gm)].flatMap(([, names = '']) => names.split(', '));
    const expected = Object.keys(packages).filter((name) => !name.startsWith('@types/'));
    expect(named.filter((name) => !['package', '---', '@types/*'].includes(name)).toSorted()).toEqual(
      expected.toSorted(),
    );
  });

  test.each(documents)('%s names scripts and files that there are', (path) => {
    const text = readFileSync(path, 'utf8');
    const run = [...text.matchAll(/\bnpm run ([a-z]+)/g)].map(([, name = '']) => name);
    expect(run.filter((name) => scripts[name] === undefined)).toEqual([]);
    const links = [...text.matchAll(/(?:\]\(|src=")(?!https?:)([^)#"\s]+)/g)].map(([, to = '']) => to);
    expect(links.filter((to) => !existsSync(join(dirname(path), to)))).toEqual([]);
  });

  test.each(documents)('%s links to headings that exist', (path) => {
    const links = [...readFileSync(path, 'utf8').matchAll(/\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g)];
    const missing = links.filter(([, to = '', heading = '']) => {
      const target = to === '' ? path : join(dirname(path), to);
      return target.endsWith('.md') && !headingIds(target).includes(heading);
    });
    expect(missing.map(([link]) => link)).toEqual([]);
  });

  test.each(documents)('%s names paths that exist', (path) => {
    const text = readFileSync(path, 'utf8').replaceAll(/^```.*?^```/gms, '');
    const paths = [...text.matchAll(/`((?:\.ci|\.\/)?[a-z-]+\/[\w./-]+)`/g)].map(([, name = '']) => name);
    const ours = paths.filter((name) => rooms.some((room) => name.startsWith(`${room}/`)));
    expect(ours.filter((name) => !existsSync(name))).toEqual([]);
  });
});

/** Everything that people read: documents, workflows, and the sources, which contain the texts of replies, help and errors. */
const listTexts = async (): Promise<string[]> => {
  const found = glob('**/*.{md,ts,cjs,js,yml,yaml,json,html}', {
    exclude: (name) => ['node_modules', 'dist', 'decisions', 'test'].includes(name),
  });
  return [
    ...(await Array.fromAsync(found)),
    ...documents,
    ...(await Array.fromAsync(glob('.{ci,github}/**/*'))),
  ];
};

test('npx always has --no-install before our name, which is somebody else’s package on the registry', async () => {
  const bare =
    /\bnpx\s+(?!--no-install\b|--no\b)[^\n"'`]*\bcoxswain\b|\bnpm (?:exec|x)\b[^\n]*\bcoxswain\b|\bnpm (?:i|install|add)\b[^\n]* coxswain(?:@|\s|$)/;
  const files = (await listTexts()).filter((path) => statSync(path).isFile());
  expect(files.length).toBeGreaterThan(500);
  expect(files.filter((path) => bare.test(readFileSync(path, 'utf8')))).toEqual([]);
  expect('run npx coxswain jobs').toMatch(bare);
  expect('npx --yes coxswain').toMatch(bare);
  expect('npm i -g coxswain').toMatch(bare);
  expect('npx --no-install coxswain jobs').not.toMatch(bare);
});

const rooms = '.ci action bench bot chatops cli compute contracts local runtime test'.split(' ');

/** Returns the ids that GitHub gives the headings of a Markdown file. */
const headingIds = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
