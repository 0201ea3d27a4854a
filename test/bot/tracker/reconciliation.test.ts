import { expect, test } from '@jest/globals';
import { runCase, reconciliation } from '../../../bench/chaos/searches/reconciliation/reconciliation.ts';

const failed = { state: 'failed', reason: 'script-failed' } as const;
const running = { state: 'running', reason: null } as const;
const completed = { state: 'completed', reason: null } as const;
const move = { kind: 'job moves', job: 0 } as const;
const poll = { kind: 'poll' } as const;
const webhook = { kind: 'webhook' } as const;
const heal = { kind: 'heal' } as const;

/** Reply, notice, last reaction and check run are looked at in the end. */
test.each([
  ['a job that was seen before it ended, and whose first reply shows the end', [poll, move, webhook, poll]],
  ['a job that ended before it was seen, and before the reply', [move, webhook]],
  ['a job whose webhook died, and that ended between two polls', [poll, move, poll]],
  ['an end that is seen before the webhook replies', [move, poll, webhook]],
  [
    'an end while GitHub takes no writes',
    [webhook, { kind: 'refused', by: 'locked' }, move, poll, poll, heal],
  ],
  ['an end while the app may not write', [{ kind: 'refused', by: 'forbidden' }, webhook, move, poll, heal]],
  [
    'a bot that dies between reply and reaction',
    [webhook, poll, move, { kind: 'crash', writes: 3, seconds: 7_200 }],
  ],
  ['an end while no bot runs', [webhook, { kind: 'crash', writes: 0, seconds: 7_200 }, move]],
  [
    'a first reply that shows the end, in a thread that is then locked for a while',
    [move, webhook, { kind: 'refused', by: 'locked' }, poll, poll],
  ],
  ['a reply that is deleted before the end', [webhook, poll, { kind: 'reply deleted' }, move, poll]],
] as const)('what a job came to is shown in the end: %s', async (_what, events) => {
  expect(await runCase({ lives: [[failed]], events: [...events] })).toEqual([]);
});

test('of two jobs one ends before the reply: the comment is marked when both have ended', async () => {
  const events = [poll, { ...move, job: 1 }, webhook, poll, move, poll, move, poll];
  expect(await runCase({ lives: [[running, completed], [failed]], events })).toEqual([]);
});

test('in any order of events, with crashes and refusals in between', async () => {
  expect(await reconciliation.run(20_260_301, 120)).toEqual([]);
}, 300_000);
