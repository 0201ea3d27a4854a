import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  startAutoscaler,
  type Autoscaler,
  type AutoscalerOptions,
} from '../../../local/autoscaler/autoscaler.ts';
import { startChild, type Child } from '../../../runtime/child-process.ts';
import { createLogger } from '../../../runtime/log.ts';
import { waitFor } from '../../fixtures/run-specs.ts';

const entry = fileURLToPath(new URL('../../fakes/draining-worker.ts', import.meta.url));

describe('the autoscaler', () => {
  let length = 0;
  let started: Child[] = [];
  let ready = 0;
  let looks = 0;
  let autoscaler: Autoscaler;
  afterEach(async () => {
    await autoscaler.stop();
    expect(started.every((child) => child.hasEnded())).toBe(true);
    started = [];
    ready = 0;
    looks = 0;
    length = 0;
  });

  const begin = (more: Partial<AutoscalerOptions> = {}, argument = 'works'): void => {
    autoscaler = startAutoscaler({
      queueLength: async () => {
        looks += 1;
        return length;
      },
      start: () => {
        const child = startChild({
          name: 'worker',
          entry,
          arguments: [argument],
          onMessage: () => (ready += 1),
        });
        started.push(child);
        return child;
      },
      min: 0,
      max: 2,
      target: 10,
      activation: 0,
      pollSeconds: 0.02,
      cooldownSeconds: 0.1,
      log: createLogger('test', 'silent'),
      ...more,
    });
  };

  test('starts workers when there is work, and drains them when there is none', async () => {
    begin();
    length = 100;
    await waitFor(() => autoscaler.count() === 2);
    expect(autoscaler.children()).toEqual(started.map(({ pid }) => ({ name: 'worker', pid })));
    length = 0;
    await waitFor(() => autoscaler.count() === 0);
    for (const child of started) expect(await child.ended).toBeTruthy();
    expect(autoscaler.children()).toEqual([]);
  });

  test('never kills a worker that drains', async () => {
    begin();
    length = 1;
    const child = await waitFor(() => started[0]);
    await waitFor(() => ready === 1);
    length = 0;
    expect(await child.ended).toEqual({ code: 0, signal: null });
    expect(started).toHaveLength(1);
  });

  test('replaces a worker that was killed', async () => {
    begin();
    length = 1;
    const first = await waitFor(() => started[0]);
    first.signal('SIGKILL');
    await first.ended;
    await waitFor(() => started[1]);
    expect(autoscaler.count()).toBe(1);
  });

  test('does not start workers in a hot loop when each ends at once', async () => {
    begin({ max: 1 }, 'dies');
    length = 1;
    await waitFor(() => started[1]);
    const from = looks;
    await waitFor(() => looks > from + 30);
    expect(started.length).toBeLessThan(5);
  });

  test('polls immediately on request', async () => {
    begin({ pollSeconds: 3_600 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    length = 1;
    autoscaler.pollNow();
    await waitFor(() => autoscaler.count() === 1);
  });

  test('keeps its workers while the queue is unreadable, and logs that once', async () => {
    const said: string[] = [];
    const log = createLogger('test', 'silent');
    log.warn = ((_: unknown, message: string) => void said.push(message)) as typeof log.warn;
    let fails = false;
    const queueLength = async (): Promise<number> => {
      looks += 1;
      if (fails) throw new Error('no storage');
      return 1;
    };
    begin({ queueLength, log });
    await waitFor(() => autoscaler.count() === 1);
    fails = true;
    const from = looks;
    await waitFor(() => looks > from + 10);
    expect(autoscaler.count()).toBe(1);
    expect(said).toEqual(['could not read the queue or start a worker']);
  });
});
