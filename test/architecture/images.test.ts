import { describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { deployables } from '../../.ci/docs/deployables.ts';
import { dockerfiles } from '../../.ci/images/build-images.ts';

/* `npm run verify` builds and runs the images. These tests need only Node. */

/** The program in each image. */
const programs = {
  orchestrator: 'embedded-orchestrator',
  worker: 'worker',
  bot: 'bot',
  runner: 'runner',
} as const;
const names = Object.keys(dockerfiles) as (keyof typeof dockerfiles)[];
const read = (name: keyof typeof dockerfiles): string => readFileSync(dockerfiles[name], 'utf8');

describe('the Dockerfiles', () => {
  test('are all built', () => {
    expect(globSync('**/Dockerfile', { exclude: ['node_modules'] }).sort()).toEqual(
      Object.values(dockerfiles).sort(),
    );
  });

  test('have the same build stage, so that it runs once, which builds all programs', () => {
    const stages = names.map(
      (name) => /^FROM \$\{BUILD_BASE\} AS build\n[^]*?\n(?=\n)/m.exec(read(name))?.[0],
    );
    expect(stages[0]).toContain(`npm run build -- bot worker embedded-orchestrator runner\n`);
    expect(new Set(stages).size).toBe(1);
  });

  test('have the same bases, except that the runner has the programs of its scripts', () => {
    const bases = names.map((name) => read(name).match(/^ARG (?:BUILD_)?BASE=.+$/gm));
    const runner = bases[names.indexOf('runner')];
    expect(new Set(bases.filter((one) => one !== runner).map(String)).size).toBe(1);
    expect(runner).toEqual([
      bases[0]?.[0],
      expect.stringMatching(/^ARG BASE=mcr\.microsoft\.com\/azure-cli:./),
    ]);
  });

  test('the runner only copies files into its base, because bases have different package managers', () => {
    const final = read('runner').split('FROM ${BASE}')[1] ?? '';
    expect(final.match(/^(?:RUN|ADD|SHELL)\b/m)).toBeNull();
  });

  test.each(names)('%s runs as 65532, without a shell, with settings that the program knows', (name) => {
    const final = read(name).split('FROM ${BASE}')[1] ?? '';
    expect([...final.matchAll(/^USER (.*)$/gm)].at(-1)?.[1]).toBe('65532:65532');
    expect(final.match(/^(?:RUN|CMD|ENTRYPOINT) (?!\[)/m)).toBeNull();
    const node = name === 'runner' ? '/opt/node/bin/node' : 'node';
    expect(final).toContain(`ENTRYPOINT ["${node}", "/app/${name}.mjs"]`);
    const variables = [...(/^ENV ([^]*?[^\\])$/m.exec(final)?.[1] ?? '').matchAll(/([A-Z_]+)=/g)];
    const known = [
      ...Object.keys(deployables[programs[name]].schema.entries),
      'PATH',
      'NODE_ENV',
      'LD_LIBRARY_PATH',
    ];
    expect(variables.map(([, variable]) => variable)).toContain('PATH');
    expect(variables.filter(([, variable = '']) => !known.includes(variable))).toEqual([]);
  });
});

describe('.dockerignore', () => {
  const lines = readFileSync('.dockerignore', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const paths = lines.slice(1).map((line) => line.slice(1));

  test('lets in only paths that exist, written so that builds know what they depend on', () => {
    expect(lines[0]).toBe('*');
    expect(lines.slice(1).filter((line) => !line.startsWith('!') || !existsSync(line.slice(1)))).toEqual([]);
  });

  test('lets in all that the build and the programs in the images import', async () => {
    const { metafile } = await build({
      entryPoints: [
        '.ci/build.ts',
        'bot/main.ts',
        'compute/worker/main.ts',
        'local/embedded-orchestrator/main.ts',
        'compute/runner/main.ts',
      ],
      bundle: true,
      write: false,
      outdir: 'unused',
      metafile: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
    });
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.length).toBeGreaterThan(100);
    expect(
      inputs.filter((input) => !paths.some((path) => input === path || input.startsWith(`${path}/`))),
    ).toEqual([]);
  });
});
