import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { maskSecrets } from '../../runtime/log.ts';
import {
  createProgramFolder,
  toRuntimeModuleUrl,
  type TestProgramFolder,
} from '../fixtures/program-folder.ts';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

describe('a log', () => {
  let programs: TestProgramFolder;
  beforeAll(async () => {
    programs = await createProgramFolder();
  });
  afterAll(() => programs.remove());

  test('is lines of JSON on stderr, without secrets, also where an error holds them', async () => {
    const path = await programs.write(
      'logs',
      `import { createLogger } from '${toRuntimeModuleUrl('log.ts')}';
       const log = createLogger('test');
       log.debug('not shown');
       log.info({ key: 'k-secret', headers: { authorization: 'a-secret' }, bot: { token: 't-secret' } }, 'one');
       log.error({ err: new Error('GET http://h/b?sv=1&sig=s%2Bsecret&se=2', { cause: new Error('http://h/i?code=c-secret') }) }, 'two');`,
    );
    const { stdout, stderr } = spawnSync(process.execPath, [path], { encoding: 'utf8' });
    expect(stdout).toBe('');
    const lines = stderr
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('{'));
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['one', 'two']);
    expect(stderr).not.toContain('secret');
    expect(stderr).toContain('sig=[redacted]&se=2');
  });

  /** What a program prints on stderr, and its exit code. */
  const printed = (path: string): { said: string; status: number | null } => {
    const { stderr, stdout, status } = spawnSync(process.execPath, [path], { encoding: 'utf8' });
    return { said: stdout + stderr, status };
  };
  const planted = 'p1anted/s3cret+value==';

  test('shows a secret that was read nowhere: in fields at any depth, in messages, causes, stacks and encodings', async () => {
    const path = await programs.write(
      'masks',
      `import { createLogger } from '${toRuntimeModuleUrl('log.ts')}';
       import { registerSecret } from '${toRuntimeModuleUrl('secrets.ts')}';
       const secret = '${planted}';
       registerSecret(secret);
       const log = createLogger('test');
       const cause = new Error('cause ' + secret);
       cause.stack = 'Error: ' + secret + '\\n    at ' + encodeURIComponent(secret);
       const err = new AggregateError([new Error('one ' + secret)], 'message ' + secret, { cause });
       log.error({ err, a: { b: [{ c: secret }] }, body: JSON.stringify({ secret }), url: 'http://h/?k=' + encodeURIComponent(secret) }, 'it is ' + secret);
       for (const before of ['', 'x', 'xy']) log.info({ encoded: Buffer.from(before + secret).toString('base64') }, 'in base64');
       log.child({ [secret]: secret }).info('as a name');
       log.info({ a: { b: { c: { token: 'short', key: ['a', 'b'], password: { is: 'x' } } }, secret: 42 } }, 'by field');`,
    );
    const { said } = printed(path);
    const lines = said
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ msg }) => msg)).toEqual([
      'it is [redacted]',
      'in base64',
      'in base64',
      'in base64',
      'as a name',
      'by field',
    ]);
    expect(said).not.toContain('p1anted');
    expect(said).not.toContain('s3cret');
    for (const { encoded } of lines)
      expect(Buffer.from(String(encoded), 'base64').toString()).not.toContain('s3cret');
    const fields = { token: '[redacted]', key: '[redacted]', password: '[redacted]' };
    expect(lines.at(-1)).toMatchObject({ a: { b: { c: fields }, secret: '[redacted]' } });
  });

  test.each([
    [
      'an uncaught error',
      `setImmediate(() => { throw new Error('no: ' + secret); }); await new Promise(() => setInterval(() => {}, 1000));`,
    ],
    [
      'an unhandled rejection',
      `void Promise.reject(new Error('no: ' + secret)); await new Promise(() => setInterval(() => {}, 1000));`,
    ],
    ['the error of its main function', `throw new Error('no: ' + secret, { cause: { secret } });`],
  ])('of a program that ends by %s, it is masked there too', async (_, main) => {
    const path = await programs.write(
      'ends',
      `import { createLogger } from '${toRuntimeModuleUrl('log.ts')}';
       import { runProgram } from '${toRuntimeModuleUrl('lifecycle.ts')}';
       import { registerSecret } from '${toRuntimeModuleUrl('secrets.ts')}';
       const secret = '${planted}';
       registerSecret(secret);
       await runProgram(createLogger('test'), async () => { ${main} });`,
    );
    const { said, status } = printed(path);
    expect(status).toBe(1);
    expect(said).toContain('no: [redacted]');
    expect(said).not.toContain('s3cret');
  });

  test('of a command of the command line, it is masked in what it prints at its end', async () => {
    const command = pathToFileURL(resolve('cli/run-cli.ts')).href;
    for (const main of [
      `throw new Error('no: ' + secret, { cause: { deep: { secret } } });`,
      `setImmediate(() => { throw new Error('no: ' + secret); }); await new Promise(() => setInterval(() => {}, 1000));`,
    ]) {
      const path = await programs.write(
        'command',
        `import { runCli } from '${command}';
         import { registerSecret } from '${toRuntimeModuleUrl('secrets.ts')}';
         const secret = '${planted}';
         registerSecret(secret);
         await runCli(async () => { ${main} });`,
      );
      const { said, status } = printed(path);
      expect(status).toBe(70);
      expect(said).toContain('no: [redacted]');
      expect(said).not.toContain('s3cret');
    }
  });

  test.each([
    ['a JWT after other words', 'a.b.-eyJhbGciOiJI.eyJpc3MiOi.c2ln end', 'a.b.-[redacted] end'],
    ['a JWT within a word', 'x-eyJhbGciOiJI.eyJpc3MiOi.c2ln', 'x-[redacted]'],
    ['what only begins as one', 'eyJhbGciOiJI.eyJpc3MiOi', 'eyJhbGciOiJI.eyJpc3MiOi'],
  ])('masks %s', (_what, text, expected) => {
    expect(maskSecrets(text)).toBe(expected);
  });

  // With a search from each `eyJ`, this took an hour.
  test('takes time in proportion to a line of nothing but beginnings of JWTs', () => {
    const line = '-eyJ'.repeat(500_000);
    expect(maskSecrets(line) === line).toBe(true);
    expect(maskSecrets(`${line}.aaaaaaaa.a`)).toBe('-[redacted]');
  });

  test('masks nothing else', () => {
    expect(maskSecrets('exit code=3; ?design=x&sig=abc')).toBe('exit code=3; ?design=x&sig=[redacted]');
  });
});
