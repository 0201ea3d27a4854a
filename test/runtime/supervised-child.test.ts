import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startChild, type Child } from '../../runtime/child-process.ts';
import { createLogger } from '../../runtime/log.ts';
import { supervise } from '../../runtime/supervised-child.ts';
import { createProgramFolder, type TestProgramFolder } from '../fixtures/program-folder.ts';

const log = createLogger('test', 'silent');

describe('a supervised child', () => {
  let programs: TestProgramFolder;
  let entry: string;
  beforeAll(async () => {
    programs = await createProgramFolder();
    entry = await programs.write('stays', 'setInterval(() => {}, 1000);');
  });
  afterAll(() => programs.remove());

  const start = (): Child => startChild({ name: 'child', entry });

  test('is started again each time it ends, and no more once it is stopped', async () => {
    const restarts: Child[] = [];
    const again = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const onRestart = (child: Child) => {
      again[restarts.length]?.resolve();
      restarts.push(child);
    };
    const supervised = supervise({ name: 'child', start, log, onRestart });
    for (const { promise } of again) {
      const child = supervised.current();
      child.signal('SIGKILL');
      await promise;
      expect(supervised.current()).not.toBe(child);
    }
    await supervised.stop(1_000);
    expect(supervised.current().hasEnded()).toBe(true);
    expect(restarts).toHaveLength(2);
  });

  test('that cannot be started for a while is tried again', async () => {
    let tries = 0;
    const up = Promise.withResolvers<Child>();
    const flaky = (): Child => {
      tries += 1;
      if (tries === 2) throw new Error('no room for a process');
      return start();
    };
    const supervised = supervise({ name: 'child', start: flaky, log, onRestart: up.resolve });
    supervised.current().signal('SIGKILL');
    expect((await up.promise).hasEnded()).toBe(false);
    expect(tries).toBe(3);
    await supervised.stop(1_000);
  });

  test('can be stopped while it waits to be started again', async () => {
    let tries = 0;
    const failed = Promise.withResolvers<void>();
    const once = (): Child => {
      tries += 1;
      if (tries === 1) return start();
      failed.resolve();
      throw new Error('no room for a process');
    };
    const supervised = supervise({ name: 'child', start: once, log });
    supervised.current().signal('SIGKILL');
    await failed.promise;
    await supervised.stop(1_000);
    expect(supervised.current().hasEnded()).toBe(true);
  });
});
