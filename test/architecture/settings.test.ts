import { describe, expect, test } from '@jest/globals';
import { glob, readFile } from 'node:fs/promises';
import { deployables } from '../../.ci/docs/deployables.ts';
import type { SettingsSchema } from '../../runtime/settings.ts';

const settings = Object.entries(deployables).flatMap(([program, { schema }]) =>
  Object.entries<SettingsSchema['entries'][string]>(schema.entries).map(([name, entry]) => ({
    program,
    name,
    entry,
  })),
);

describe('every setting of a program', () => {
  test.each(settings)('$program: $name has a description', ({ entry }) => {
    expect(entry.details.description).toMatch(/^[A-Z`].{8,}\.$/s);
  });

  test.each(settings)('$program: $name has a default, or says what happens without it', ({ entry }) => {
    const { default: byDefault } = entry as { default?: unknown };
    expect(entry.type !== 'optional' || byDefault !== undefined || entry.details.whenMissing).toBeTruthy();
  });

  test.each(settings)('$program: $name has a remedy in whole sentences, if any', ({ entry }) => {
    expect(entry.details.remedy ?? 'None.').toMatch(/^[A-Z].*\.$/);
  });

  test.each(settings)('$program: $name requires only settings of the program', ({ program, entry }) => {
    const known = Object.keys(deployables[program as keyof typeof deployables].schema.entries);
    const { requires } = entry.details;
    expect(known).toEqual(expect.arrayContaining(Array.isArray(requires) ? requires : []));
  });
});

test('no page but docs/configuration.md has a table of settings, so that none is described twice', async () => {
  const names = new Set(settings.map(({ name }) => name));
  const found: string[] = [];
  for await (const path of glob('{*.md,{docs,charts}/**/*.md}')) {
    if (path === 'docs/configuration.md') continue;
    for (const [row, name = ''] of (await readFile(path, 'utf8')).matchAll(/^\| `([A-Z_]+)`.*$/gm))
      if (names.has(name)) found.push(`${path}: ${row}`);
  }
  expect(found).toEqual([]);
});

/**
 * Variables that are read outside the schemas of settings, by file. A program reads its environment once, through `readSettings`, so
 * that all problems are reported at once and `--print-config` shows everything.
 */
const otherReaders: Readonly<Record<string, string>> = {
  'action/main.ts': 'the inputs of a step, and the variables of its runner: inputs, not settings',
  'action/post.ts': 'the same',
  'action/report/report-job.ts': 'the file of the job summary, which GitHub sets',
  'bot/settings.ts': 'decides which of two schemas applies',
  'cli/commands/demo.ts': 'sets the level of its own log',
  'cli/commands/start.ts': 'sets the level of its own log',
  'cli/orchestrator/connect.ts': 'alternatives to options of the command line',
  'compute/algorithms/run-program.ts': 'passes PATH and HOME on to programs',
  'compute/orchestrator/main.ts': 'passes the environment to readSettings',
  'compute/runner/script/script-environment.ts': 'passes PATH, HOME and LANG on to scripts',
  'compute/tasks/report.cjs': 'a sample task, whose parameters are variables',
  'local/azurite/azurite-service.ts': 'passes NODE_OPTIONS on to a child',
  'local/compute/start-hosted-orchestrator.ts': 'passes settings of the orchestrator on to it',
  'local/compute/start-workers.ts': 'passes NODE_OPTIONS on to a child',
  'local/hosted-app/main.ts': 'adds settings that the app reads from its environment',
  'runtime/child-process.ts': 'passes variables on to children',
  'runtime/clean-start.ts': 'passes the environment on to the process that replaces this one; NODE_OPTIONS',
  'runtime/log.ts': 'LOG_LEVEL, before the settings are read; a shared setting checks it',
  'runtime/loopback.ts': 'the variables of proxies, which Node reads itself',
  'runtime/secret-settings.ts': 'collects the environment for readSettings',
  'runtime/secure-address.ts': 'COXSWAIN_ALLOW_HTTP, wherever a link is checked; a shared setting checks it',
  'runtime/setting-files.ts': 'the paths of files with settings',
  'runtime/settings.ts': 'reads settings',
};

test('the environment is read in schemas of settings only', async () => {
  const found: string[] = [];
  for await (const path of glob('{action,bot,chatops,cli,compute,contracts,local,runtime}/**/*.{ts,cjs}')) {
    if (path.startsWith('action/dist/') || path === 'cli/guard.cjs') continue;
    if (/\bprocess\.env\b/.test(await readFile(path, 'utf8'))) found.push(path);
  }
  expect(found.toSorted()).toEqual(Object.keys(otherReaders).toSorted());
});
