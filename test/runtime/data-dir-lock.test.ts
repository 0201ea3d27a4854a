import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startChild, type Child } from '../../runtime/child-process.ts';
import {
  getSharedLockPath,
  DataDirInUseError,
  joinDataDir,
  lockDataDir,
} from '../../runtime/data-dir-lock.ts';
import {
  createProgramFolder,
  toRuntimeModuleUrl,
  type TestProgramFolder,
} from '../fixtures/program-folder.ts';

describe('the locks of a data folder', () => {
  let programs: TestProgramFolder;
  const children: Child[] = [];
  beforeEach(async () => {
    programs = await createProgramFolder();
  });
  afterEach(async () => {
    await Promise.all(children.splice(0).map((child) => child.stop(0)));
    await programs.remove();
  });

  /** Starts a process that takes a lock and keeps it until it is killed. */
  const holding = async (take: string): Promise<Child> => {
    const path = await programs.write(
      'holder',
      `import { joinDataDir, lockDataDir } from '${toRuntimeModuleUrl('data-dir-lock.ts')}';
       globalThis.held = ${take};
       process.send('held');
       setInterval(() => {}, 1000);`,
    );
    const held = Promise.withResolvers<unknown>();
    const child = startChild({ name: 'holder', entry: path, onMessage: held.resolve });
    children.push(child);
    await held.promise;
    return child;
  };

  test('admit one platform until it ends in any way', async () => {
    const owner = await holding(`lockDataDir(${JSON.stringify(programs.folder)})`);
    expect(() => lockDataDir(programs.folder, 0)).toThrow(DataDirInUseError);
    expect(() => lockDataDir(programs.folder, 0)).toThrow(/Another Coxswain.*--data/);
    owner.signal('SIGKILL');
    await owner.ended;
    lockDataDir(programs.folder, 0).release();
  });

  test('admit children together, and exclude the next platform until the last child has ended', async () => {
    const held = lockDataDir(programs.folder);
    const path = getSharedLockPath(programs.folder);
    const child = await holding(`joinDataDir(${JSON.stringify(path)})`);
    const own = joinDataDir(path);
    held.release();
    expect(() => lockDataDir(programs.folder, 0)).toThrow(/earlier Coxswain/);
    own.release();
    expect(() => lockDataDir(programs.folder, 0)).toThrow(DataDirInUseError);
    child.signal('SIGKILL');
    await child.ended;
    // What a failed try had taken it has given back.
    lockDataDir(programs.folder, 0).release();
  });

  test('wait for the last child', async () => {
    const child = await holding(`joinDataDir(${JSON.stringify(getSharedLockPath(programs.folder))})`);
    const path = await programs.write(
      'owner',
      `import { lockDataDir } from '${toRuntimeModuleUrl('data-dir-lock.ts')}';
      process.send('waits'); lockDataDir(${JSON.stringify(programs.folder)}); process.exit(7);`,
    );
    const waits = Promise.withResolvers<unknown>();
    const next = startChild({ name: 'owner', entry: path, onMessage: waits.resolve });
    children.push(next);
    await waits.promise;
    child.signal('SIGKILL');
    expect(await next.ended).toEqual({ code: 7, signal: null });
  });
});
