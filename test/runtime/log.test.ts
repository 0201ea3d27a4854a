import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { masked } from '../../runtime/log.ts';
import { programFolder, runtimeModule, type ProgramFolder } from './program.ts';
import { spawnSync } from 'node:child_process';

describe('a log', () => {
  let programs: ProgramFolder;
  beforeAll(async () => {
    programs = await programFolder();
  });
  afterAll(() => programs.remove());

  test('is lines of JSON on stderr, without secrets, also where an error holds them', async () => {
    const path = await programs.write(
      'logs',
      `import { logger } from '${runtimeModule('log.ts')}';
       const log = logger('test');
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

  test('masks nothing else', () => {
    expect(masked('exit code=3; ?design=x&sig=abc')).toBe('exit code=3; ?design=x&sig=[redacted]');
  });
});
