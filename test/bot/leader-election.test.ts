import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { LeaderElection } from '../../bot/leader-election.ts';
import { createBotMetrics } from '../../bot/metrics.ts';
import { waitUntil } from '../fixtures/wait-until.ts';
import { openTestLeases, silentLog } from '../fixtures/leases.ts';

let place: Awaited<ReturnType<typeof openTestLeases>>;
const leaders: LeaderElection[] = [];
beforeEach(async () => {
  place = await openTestLeases();
});
afterEach(async () => {
  await Promise.all(leaders.splice(0).map((leader) => leader.stop()));
  await place.close();
});

const start = (holder: string, { lease = 60, leases = place.leases } = {}) => {
  const told = { leads: 0 };
  const leader = new LeaderElection({
    leases,
    name: 'tracker/77',
    holder,
    seconds: { lease, renewal: 0.05 },
    onLead: () => (told.leads += 1),
    metrics: createBotMetrics(),
    log: silentLog,
  });
  leaders.push(leader);
  leader.start();
  return { leader, told };
};

test('one of several leads; when it stops, another takes over although its lease would last', async () => {
  const [first, second] = [start('a'), start('b')];
  const leading = await waitUntil('a leader', () => [first, second].find(({ leader }) => leader.isLeading));
  const other = leading === first ? second : first;
  expect([leading.told.leads, other.told.leads, other.leader.isLeading]).toEqual([1, 0, false]);
  await leading.leader.stop();
  expect(leading.leader.isLeading).toBe(false);
  await waitUntil('the next', () => other.leader.isLeading);
  expect(other.told.leads).toBe(1);
});

test('one that is dead is replaced when its lease is over', async () => {
  place.orchestrator.leases.set('tracker/77', { holder: 'dead', until: Date.now() + 500 });
  const { leader } = start('b');
  await waitUntil('the next', () => leader.isLeading);
  expect(place.orchestrator.leases.get('tracker/77')?.holder).toBe('b');
});

test('while the orchestrator does not answer, there is no leader; then there is one again', async () => {
  const { leader, told } = start('a', { lease: 0.5 });
  await waitUntil('a leader', () => leader.isLeading);
  place.orchestrator.fault = 503;
  await waitUntil('none', () => !leader.isLeading);
  const before = told.leads;
  place.orchestrator.fault = undefined;
  await waitUntil('a leader again', () => leader.isLeading);
  expect(told.leads).toBeGreaterThan(before);
});

test('a lease that another process has taken is lost at the next renewal', async () => {
  const { leader } = start('a');
  await waitUntil('a leader', () => leader.isLeading);
  place.orchestrator.leases.set('tracker/77', { holder: 'b', until: Infinity });
  await waitUntil('none', () => !leader.isLeading);
});

test('a stop without an answer ends all the same', async () => {
  const { leader } = start('a');
  await waitUntil('a leader', () => leader.isLeading);
  place.orchestrator.fault = 503;
  await leader.stop();
  expect(leader.isLeading).toBe(false);
});
