import { expect, test } from '@jest/globals';
import { DurableStorage } from '../../../local/hosted-app/durable-storage.ts';

/** A storage that a test restarts. `log`: what happened. */
const openStorage = () => {
  const log: string[] = [];
  let restarts = 0;
  const storage = new DurableStorage(async () => {
    log.push('flush');
    return restarts;
  });
  const operation = async () => void log.push('run');
  const restart = () => void (restarts += 1);
  return { storage, log, operation, restart };
};

test('an outcome is reported after a flush', async () => {
  const { storage, log, operation } = openStorage();
  await storage.runDurably(operation);
  expect(log).toEqual(['run', 'flush']);
});

test('an operation during which storage was restarted runs again', async () => {
  const { storage, log, operation, restart } = openStorage();
  let runs = 0;
  await storage.runDurably(async () => {
    await operation();
    runs += 1;
    if (runs < 3) restart();
  });
  expect(log).toEqual(['run', 'flush', 'run', 'flush', 'run', 'flush']);
  await storage.runDurably(operation);
  expect(log).toHaveLength(8);
});

test('an operation that must not run again says that its effects may be lost', async () => {
  const { storage, log, operation, restart } = openStorage();
  expect(await storage.runOnce(operation)).toMatchObject({ isDurable: true });
  restart();
  expect(await storage.runOnce(operation)).toMatchObject({ isDurable: false });
  expect(await storage.runOnce(operation)).toMatchObject({ isDurable: true });
  expect(log.filter((entry) => entry === 'run')).toHaveLength(3);
});

test('an error of an operation is its outcome', async () => {
  const { storage, log } = openStorage();
  await expect(storage.runDurably(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(log).toEqual([]);
});
