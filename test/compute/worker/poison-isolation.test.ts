import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { PoisonIsolation } from '../../../compute/worker/poison-isolation.ts';
import { readMessage, formatReturned, type BlockTask } from '../../../compute/worker/message.ts';

const job = `job-${'0'.repeat(32)}` as const;
const text = (more: object = {}) =>
  JSON.stringify({ v: 1, job, block: 7, path: `input/${job}/000007.json`, ...more });
const received = (deliveries: number, body = text()) => ({ id: 'm', receipt: 'r', text: body, deliveries });
const task = (deliveries: number, body?: string) => readMessage(received(deliveries, body)) as BlockTask;

describe('a message', () => {
  test('states how many deliveries vanished, and how many attempts there were', () => {
    expect(task(1)).toMatchObject({ vanished: 0, attempts: 0 });
    expect(task(6)).toMatchObject({ vanished: 5, attempts: 5 });
    expect(task(4, text({ returned: 3, failed: 2 }))).toMatchObject({ vanished: 0, attempts: 2 });
    expect(task(5, text({ returned: 3, failed: 2 }))).toMatchObject({ vanished: 1, attempts: 3 });
  });

  test('that was returned is not a suspect at its next delivery; an attempt that threw is counted', () => {
    const back = formatReturned(task(3), false);
    expect(task(4, back)).toMatchObject({ vanished: 2, attempts: 2 });
    expect(task(5, formatReturned(task(4, back), true))).toMatchObject({ vanished: 2, attempts: 3 });
  });

  test.each([
    '',
    'hello',
    '{}',
    '[]',
    text({ v: 2 }),
    text({ path: 'tasks/secret' }),
    text({ block: -1 }),
    text({ job: 'job-1' }),
  ])('is bad: %s', (body) =>
    expect(readMessage(received(1, body))).toMatchObject({ block: undefined, problem: expect.any(String) }),
  );
});

describe('poison isolation', () => {
  const clean = { vanished: 0 };
  const suspect = { vanished: 1 };
  const confident = (slots: number) => {
    const isolation = new PoisonIsolation<{ vanished: number }>(slots);
    for (let n = 0; n < slots; n += 1) isolation.isolate([clean], n);
    return isolation;
  };

  test('receives one at a time until as many as there are slots arrived without a suspect', () => {
    const isolation = new PoisonIsolation(3);
    expect(isolation.getCapacity(0)).toBe(1);
    isolation.isolate([clean], 0);
    expect(isolation.getCapacity(1)).toBe(1);
    isolation.isolate([clean], 1);
    isolation.isolate([clean], 2);
    expect(isolation.getCapacity(3)).toBe(0);
    expect(isolation.getCapacity(1)).toBe(2);
  });

  test('returns suspects while other blocks run, and then receives nothing until those have ended', () => {
    const isolation = confident(4);
    expect(isolation.isolate([clean, suspect, suspect], 1)).toEqual({
      run: [clean],
      returnToQueue: [suspect, suspect],
    });
    expect([isolation.getCapacity(2), isolation.getCapacity(1), isolation.getCapacity(0)]).toEqual([0, 0, 1]);
  });

  test('a suspect always runs alone, and all messages run in the end', () => {
    const messages = fc.array(fc.constantFrom(clean, suspect), { maxLength: 20 });
    const ends = fc.array(fc.nat(3), { maxLength: 20 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), messages, ends, (slots, queue, ended) => {
        const isolation = new PoisonIsolation<{ vanished: number }>(slots);
        const waiting = [...queue];
        let inFlight: { vanished: number }[] = [];
        for (let round = 0; waiting.length + inFlight.length > 0 && round < 1_000; round += 1) {
          const taken = waiting.splice(0, isolation.getCapacity(inFlight.length));
          const { run, returnToQueue } = isolation.isolate(taken, inFlight.length);
          waiting.push(...returnToQueue);
          inFlight.push(...run);
          const alone = !inFlight.includes(suspect) || inFlight.length === 1;
          if (!alone || inFlight.length > slots || run.length + returnToQueue.length !== taken.length)
            return false;
          inFlight = inFlight.slice(ended[round] ?? 1);
        }
        return waiting.length + inFlight.length === 0;
      }),
    );
  });
});
