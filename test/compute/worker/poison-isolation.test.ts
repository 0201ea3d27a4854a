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
  test('tells how many deliveries vanished, and how many attempts there were', () => {
    expect(task(1)).toMatchObject({ vanished: 0, attempts: 0 });
    expect(task(6)).toMatchObject({ vanished: 5, attempts: 5 });
    expect(task(4, text({ returned: 3, failed: 2 }))).toMatchObject({ vanished: 0, attempts: 2 });
    expect(task(5, text({ returned: 3, failed: 2 }))).toMatchObject({ vanished: 1, attempts: 3 });
  });

  test('given back unharmed is no suspect at its next delivery; an attempt that threw is counted', () => {
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

describe('caution', () => {
  const innocent = { vanished: 0 };
  const suspect = { vanished: 1 };
  const confident = (slots: number) => {
    const caution = new PoisonIsolation<{ vanished: number }>(slots);
    for (let n = 0; n < slots; n += 1) caution.isolate([innocent], n);
    return caution;
  };

  test('takes one at a time until as many as there are slots came without a suspect', () => {
    const caution = new PoisonIsolation(3);
    expect(caution.getCapacity(0)).toBe(1);
    caution.isolate([innocent], 0);
    expect(caution.getCapacity(1)).toBe(1);
    caution.isolate([innocent], 1);
    caution.isolate([innocent], 2);
    expect(caution.getCapacity(3)).toBe(0);
    expect(caution.getCapacity(1)).toBe(2);
  });

  test('gives suspects back while anything is in hand, and then takes nothing until hands are empty', () => {
    const caution = confident(4);
    expect(caution.isolate([innocent, suspect, suspect], 1)).toEqual({
      run: [innocent],
      giveBack: [suspect, suspect],
    });
    expect([caution.getCapacity(2), caution.getCapacity(1), caution.getCapacity(0)]).toEqual([0, 0, 1]);
  });

  test('whatever comes, a suspect runs alone, and all run in the end', () => {
    const messages = fc.array(fc.constantFrom(innocent, suspect), { maxLength: 20 });
    const ends = fc.array(fc.nat(3), { maxLength: 20 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), messages, ends, (slots, queue, ended) => {
        const caution = new PoisonIsolation<{ vanished: number }>(slots);
        const waiting = [...queue];
        let inHand: { vanished: number }[] = [];
        for (let round = 0; waiting.length + inHand.length > 0 && round < 1_000; round += 1) {
          const taken = waiting.splice(0, caution.getCapacity(inHand.length));
          const { run, returnToQueue } = caution.isolate(taken, inHand.length);
          waiting.push(...returnToQueue);
          inHand.push(...run);
          const alone = !inHand.includes(suspect) || inHand.length === 1;
          if (!alone || inHand.length > slots || run.length + returnToQueue.length !== taken.length)
            return false;
          inHand = inHand.slice(ended[round] ?? 1);
        }
        return waiting.length + inHand.length === 0;
      }),
    );
  });
});
