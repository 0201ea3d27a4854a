import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startChild } from '../../runtime/child-process.ts';
import { createProgramFolder, type TestProgramFolder } from '../fixtures/program-folder.ts';

describe('a child', () => {
  let programs: TestProgramFolder;
  beforeAll(async () => {
    programs = await createProgramFolder();
  });
  afterAll(() => programs.remove());

  test('gets its environment and no more, its arguments, and messages; its lines and messages come back', async () => {
    process.env['COXSWAIN_TEST_SECRET'] = 'secret';
    const entry = await programs.write(
      'talks',
      `process.stdout.write('one\\ntw'); process.stdout.write('o\\n');
       process.on('message', ({ text }) => process.send({ text, names: Object.keys(process.env), given: process.argv.slice(2) }, () => process.exit(4)));`,
    );
    const lines: string[] = [];
    const answered = Promise.withResolvers<unknown>();
    const child = startChild({
      name: 'talker',
      entry,
      arguments: ['a b'],
      environment: { OWN: '1' },
      onLine: (line) => lines.push(line),
      onMessage: answered.resolve,
    });
    child.send({ text: 'hello' });
    const { text, names, given } = (await answered.promise) as {
      text: string;
      names: string[];
      given: string[];
    };
    delete process.env['COXSWAIN_TEST_SECRET'];
    expect({ text, given }).toEqual({ text: 'hello', given: ['a b'] });
    expect(names).toContain('OWN');
    expect(names).not.toContain('COXSWAIN_TEST_SECRET');
    expect(await child.ended).toEqual({ code: 4, signal: null });
    expect(child.hasEnded()).toBe(true);
    expect(lines).toEqual(['one', 'two']);
    // To whom has ended nothing can be said, and nothing is thrown.
    child.send({ text: 'again' });
    child.signal('SIGTERM');
    expect(await child.stop(0)).toEqual({ code: 4, signal: null });
  });

  test('that ignores SIGTERM is killed after the grace', async () => {
    const entry = await programs.write(
      'deaf',
      `process.on('SIGTERM', () => {}); process.send('deaf'); setInterval(() => {}, 1000);`,
    );
    const deaf = Promise.withResolvers<unknown>();
    const child = startChild({ name: 'deaf', entry, onMessage: deaf.resolve });
    await deaf.promise;
    expect(await child.stop(50)).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('that cannot be started is an error here, and only here', async () => {
    const { execPath } = process;
    process.execPath = '/no/such/program';
    try {
      expect(() => startChild({ name: 'nobody', entry: 'none.ts' })).toThrow(
        'Could not start nobody (none.ts)',
      );
    } finally {
      process.execPath = execPath;
    }
    // Node tells of it once more, by an event that would end this process if nobody heard it.
    await new Promise((resolve) => setImmediate(resolve));
  });
});
