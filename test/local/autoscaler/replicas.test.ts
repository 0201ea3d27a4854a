import { describe, expect, test } from '@jest/globals';
import { desiredReplicas, createScaler, type ScaleSettings } from '../../../local/autoscaler/replicas.ts';

const settings: ScaleSettings = { min: 0, max: 4, target: 20, activation: 0 };

describe('the queue asks for', () => {
  test.each([
    ['none when it is empty', 0, {}, 0],
    ['one for a single message', 1, {}, 1],
    ['one as long as one is enough', 20, {}, 1],
    ['another one as soon as it is not', 21, {}, 2],
    ['as many as may be', 10_000, {}, 4],
    ['none up to the activation', 5, { activation: 5 }, 0],
    ['one above the activation', 6, { activation: 5 }, 1],
    ['the least that must be, when it is empty', 0, { min: 2 }, 2],
    ['the least that must be, when there is little', 30, { min: 3 }, 3],
    [
      'what there is work for, whatever the activation, when it never goes to none',
      30,
      { min: 1, activation: 50 },
      2,
    ],
  ])('%s', (_, length, more, expected) =>
    expect(desiredReplicas(length, { ...settings, ...more })).toBe(expected),
  );
});

/** Looks at lengths, one a second, with a cooldown of 3 s. */
const crewSizes = (lengths: number[], more: Partial<ScaleSettings> = {}): number[] => {
  const decision = createScaler({ ...settings, ...more }, 3_000);
  let current = 0;
  return lengths.map((length, second) => (current = decision.next(current, length, second * 1_000)));
};

describe('over time, workers', () => {
  test.each([
    ['are more at once', [0, 1, 45, 1000], [0, 1, 3, 4]],
    ['go after the cooldown', [80, 0, 0, 0, 0, 0], [4, 4, 4, 4, 0, 0]],
    ['stay when there is work again before that', [80, 0, 0, 1000, 0, 0, 0, 0], [4, 4, 4, 4, 4, 4, 4, 0]],
    [
      'are not fewer than were needed during the cooldown',
      [80, 5, 50, 0, 0, 0, 0, 0],
      [4, 4, 4, 4, 3, 3, 3, 3],
    ],
  ])('%s', (_, lengths, expected) => expect(crewSizes(lengths)).toEqual(expected));
});
