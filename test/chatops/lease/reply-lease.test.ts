import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ReplyLease } from '../../../chatops/lease/reply-lease.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';
import { openTestLeases } from '../../fixtures/leases.ts';

const scope = 'github.com/501';
const name = `reply/${scope}/9`;
let place: Awaited<ReturnType<typeof openTestLeases>>;
let stopping: AbortController;
beforeEach(async () => {
  place = await openTestLeases();
  stopping = new AbortController();
});
afterEach(() => place.close());

const open = (holder: string, seconds = { lease: 60, settling: 0, maxWait: 60 }) =>
  new ReplyLease({ leases: place.leases, holder, seconds, stopping: stopping.signal });

const occupy = (milliseconds: number) =>
  place.orchestrator.leases.set(name, { holder: 'another', until: Date.now() + milliseconds });

test('two bots write one after the other, in whatever order', async () => {
  const seen: string[] = [];
  const work = (bot: string) => async () => {
    seen.push(`${bot} in`);
    await place.leases.take('something else', bot, 1);
    seen.push(`${bot} out`);
  };
  await Promise.all(['a', 'b', 'c'].map((bot) => open(bot).withReplyLease(scope, 9, work(bot))));
  const pairs = [seen.slice(0, 2), seen.slice(2, 4), seen.slice(4)].map(([first]) => first?.[0]);
  expect(seen).toEqual(pairs.flatMap((bot) => [`${bot} in`, `${bot} out`]));
  expect(place.orchestrator.leases.has(name)).toBe(false);
});

test('other replies do not wait', async () => {
  await open('a').withReplyLease(scope, 9, () => open('b').withReplyLease(scope, 10, async () => {}));
});

test('a dead bot is waited for until its lease is over', async () => {
  occupy(300);
  await expect(open('b').withReplyLease(scope, 9, async () => 'done')).resolves.toBe('done');
});

test('the patience has an end, and a stop is the end too', async () => {
  occupy(60_000);
  const patient = open('b', { lease: 60, settling: 0, maxWait: 0.2 });
  await expect(patient.withReplyLease(scope, 9, async () => {})).rejects.toThrow(`holds the lease ${name}`);
  const waiting = open('b').withReplyLease(scope, 9, async () => {});
  stopping.abort();
  await expect(waiting).rejects.toThrow();
});

test('a fault of the work is passed on, and the lease is let go', async () => {
  const failing = open('a').withReplyLease(scope, 9, () => Promise.reject(new Error('GitHub is down')));
  await expect(failing).rejects.toThrow('GitHub is down');
  expect(place.orchestrator.leases.has(name)).toBe(false);
});

test('it stays for a while after the work, for GitHub may show others late what was written', async () => {
  await open('a', { lease: 60, settling: 30, maxWait: 1 }).withReplyLease(scope, 9, async () => {});
  const left = (place.orchestrator.leases.get(name)?.until ?? 0) - Date.now();
  expect(left).toBeLessThanOrEqual(30_000);
  await expect(
    open('b', { lease: 60, settling: 0, maxWait: 0.1 }).withReplyLease(scope, 9, async () => {}),
  ).rejects.toThrow();
  await expect(open('a').withReplyLease(scope, 9, async () => 'the same bot')).resolves.toBe('the same bot');
});

test('work that takes longer than the lease keeps it', async () => {
  const { orchestrator } = place;
  await open('a', { lease: 0.3, settling: 0, maxWait: 1 }).withReplyLease(scope, 9, async () => {
    const first = orchestrator.leases.get(name)?.until ?? 0;
    await waitUntil('renewals', () => (orchestrator.leases.get(name)?.until ?? 0) > first + 300);
  });
});

test('whoever lost it writes no more', async () => {
  const losing = open('a', { lease: 0.3, settling: 0, maxWait: 1 }).withReplyLease(scope, 9, async (held) => {
    occupy(60_000);
    await waitUntil('the loss', () => {
      try {
        return held() === undefined && false;
      } catch {
        return true;
      }
    });
    held();
  });
  await expect(losing).rejects.toThrow('was lost');
  expect(place.orchestrator.leases.get(name)?.holder).toBe('another');
});
