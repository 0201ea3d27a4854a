import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

/* What the documents name is there. */

type Package = Record<'scripts' | 'dependencies' | 'devDependencies', Record<string, string>>;
const { scripts, dependencies, devDependencies } = JSON.parse(
  readFileSync('package.json', 'utf8'),
) as Package;
const documents = [
  'README.md',
  'CONTRIBUTING.md',
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
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, to = '']) => to);
    expect(links.filter((to) => !existsSync(join(dirname(path), to)))).toEqual([]);
  });
});
