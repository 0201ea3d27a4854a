import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { WriteBudget, type Priority } from '../../bot/rate-limit/write-budget.ts';
import { ReplicaCounter } from '../../bot/replicas.ts';
import { createBotMetrics } from '../../bot/metrics.ts';
import type { Leases } from '../../compute/client/index.ts';

const log = pino({ level: 'silent' });
const hour = 3_600_000;

/** Leases as an orchestrator keeps them, in virtual time; one that is cut off gets no answer. */
class MemoryLeases {
  readonly held = new Map<string, { holder: string; until: number }>();
  readonly cutOff = new Set<string>();

  for(bot: string): Leases {
    const reach = async (): Promise<void> => {
      if (this.cutOff.has(bot)) throw new Error('no answer');
    };
    return {
      take: async (name, holder, seconds) => {
        await reach();
        const found = this.held.get(name);
        if (found && found.holder !== holder && found.until > Date.now()) return false;
        this.held.set(name, { holder, until: Date.now() + seconds * 1_000 });
        return true;
      },
      release: async (name, holder) => {
        await reach();
        if (this.held.get(name)?.holder === holder) this.held.delete(name);
      },
    };
  }
}

describe('bots that share the writes of an app', () => {
  let leases: MemoryLeases;
  let bots: ReplicaCounter[];
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
    leases = new MemoryLeases();
    bots = [];
  });
  afterEach(async () => {
    await Promise.all(bots.map((bot) => bot.stop()));
    jest.useRealTimers();
  });

  const begin = (name: string): ReplicaCounter => {
    const metrics = createBotMetrics();
    const bot = new ReplicaCounter({ leases: leases.for(name), name: 'bot/77', holder: name, metrics, log });
    bots.push(bot);
    bot.start();
    return bot;
  };
  const pass = (seconds: number) => jest.advanceTimersByTimeAsync(seconds * 1_000);
  const shares = () => bots.map(({ share }) => share);

  test('a single replica has the whole budget; several share half, and the leader has the other half', async () => {
    const first = begin('a');
    first.leader = { isLeading: true };
    await pass(1);
    expect(shares()).toEqual([1]);
    begin('b');
    await pass(11);
    expect(shares()).toEqual([0.75, 0.25]);
    begin('c');
    begin('d');
    await pass(11);
    expect(shares()).toEqual([0.625, 0.125, 0.125, 0.125]);
    await pass(3_600);
    expect(shares()).toEqual([0.625, 0.125, 0.125, 0.125]);
  });

  test('a replica that stops or disappears is no longer counted, and the others move up', async () => {
    for (const name of ['a', 'b', 'c']) begin(name);
    await pass(11);
    const [, second, third] = bots as [ReplicaCounter, ReplicaCounter, ReplicaCounter];
    await second.stop();
    bots.splice(1, 1);
    await pass(60);
    expect(shares()).toEqual([0.25, 0.25]);
    expect([...leases.held.keys()].toSorted()).toEqual(['bot/77/0', 'bot/77/1']);
    leases.cutOff.add('a');
    await pass(120);
    expect(third.share).toBe(1);
    expect(leases.held.get('bot/77/0')?.holder).toBe('c');
  });

  test('a replica that is cut off has its last share divided by the last count; a single one keeps all', async () => {
    const first = begin('a');
    await pass(1);
    leases.cutOff.add('a');
    await pass(600);
    expect(first.share).toBe(1);
    leases.cutOff.clear();
    begin('b');
    await pass(11);
    leases.cutOff.add('a');
    await pass(15);
    // The other one still counts it.
    expect(first.share).toBe(0.25);
    await pass(60);
    expect(first.share).toBe(0.125);
    leases.cutOff.clear();
    await pass(60);
    expect(shares()).toEqual([0.25, 0.25]);
  });

  test('with an orchestrator without leases, each replica counts itself alone, as before', async () => {
    leases.cutOff.add('a');
    const bot = begin('a');
    await pass(120);
    expect(bot.share).toBe(1);
  });

  test('two replicas never exceed the hourly limit, nor a tenth for readers, whichever leads', async () => {
    const leader = { isLeading: true };
    const other = { isLeading: false };
    const [first, second] = [begin('a'), begin('b')];
    first.leader = leader;
    second.leader = other;
    await pass(11);
    const budgets = bots.map(
      (bot) => new WriteBudget({ hourly: 300, share: () => bot.share, metrics: createBotMetrics(), log }),
    );
    const made: { at: number; priority: Priority }[] = [];
    const use = async (priority: Priority): Promise<void> => {
      for (const budget of budgets)
        for (let person = 0; ; person += 1) {
          const isReader = priority === 'reader';
          const target = { installation: 3, repository: 501, ...(isReader ? { person } : {}) };
          const write = async () => void made.push({ at: Date.now(), priority });
          const isMade = await budget.write(target, priority, write).then(
            () => true,
            () => false,
          );
          if (!isMade) break;
        }
    };
    const began = Date.now();
    for (let minute = 0; minute < 180; minute += 1) {
      for (const priority of ['reader', 'progress', 'reply'] as const) await use(priority);
      if (minute === 70) [leader.isLeading, other.isLeading] = [false, true];
      await pass(60);
    }
    const within = (from: number, readers: boolean): number =>
      made.filter(({ at, priority }) => at >= from && at < from + hour && (!readers || priority === 'reader'))
        .length;
    for (let from = began; from < began + 2 * hour; from += 60_000) {
      expect(within(from, false)).toBeLessThanOrEqual(300);
      expect(within(from, true)).toBeLessThanOrEqual(30);
    }
    expect(made.length).toBeGreaterThan(400);
  });
});
