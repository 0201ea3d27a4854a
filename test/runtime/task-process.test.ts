import { expect, test } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { startTaskProcess } from '../../runtime/task-process.ts';

test('several errors of a process end its request, and not this process', async () => {
  const started: ChildProcess[] = [];
  const onStart = (message: unknown) => void started.push((message as { process: ChildProcess }).process);
  subscribe('child_process', onStart);
  const task = startTaskProcess(64);
  unsubscribe('child_process', onStart);
  const [child] = started;
  const first = new Error('first');
  for (const error of [first, new Error('second'), new Error('third')]) child!.emit('error', error);
  expect(await task.ask({}, 2 ** 31 - 1)).toEqual({ kind: 'ended', cause: first });
  const exited = once(child!, 'exit');
  await task.end();
  expect(await exited).toEqual([null, 'SIGKILL']);
});
