import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { VirtualInstallation, type TestPerson } from '../../fixtures/virtual-installation.ts';

const mona: TestPerson = { id: 11, login: 'mona' };
const rhea: TestPerson = { id: 12, login: 'rhea' };
const hour = 3_600_000;

beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse('2026-11-30T12:00:00Z'), doNotFake: ['nextTick', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

/** Lets somebody read the repositories, and no more. */
const letRead = (bot: VirtualInstallation, { login }: TestPerson): void => {
  for (const { permissions } of bot.repositories)
    permissions.set(login, { permission: 'read', role_name: 'read' });
};

const texts = [
  '/help',
  '/tasks',
  '/run Hello who=x',
  '/compute 10',
  '/hlep',
  '/explain /compute 1',
  '/lock a',
  '/status',
];

/** 200 people who may run nothing, each with several comments on several threads of several repositories. */
const flood = (bot: VirtualInstallation, people = 200): void => {
  for (let n = 0; n < people; n += 1) {
    const person = { id: 1_000 + n, login: `stranger-${n}` };
    if (n % 2 === 0) letRead(bot, person);
    for (let at = 0; at < 3; at += 1)
      bot.postComment(texts[(n + at) % texts.length] ?? '', {
        person,
        repository: (n + at) % bot.repositories.length,
        issue: 1 + (n % 3),
      });
  }
};

test.each([
  ['whom GitHub shows as a member', { ...mona, isAffiliated: true }],
  ['of whom nothing is known', mona],
])(
  '200 strangers at once: a maintainer %s is answered within 10 s',
  async (_who, person) => {
    const bot = new VirtualInstallation({ repositories: 4 });
    flood(bot);
    const lock = bot.postComment('/lock vm/web-1', { person, issue: 2 });
    const took = await bot.timeUntil('the reply', 10_000, () => bot.repliesTo(lock).length > 0);
    expect(took).toBeLessThanOrEqual(10_000);
    expect(bot.repliesTo(lock)[0]?.body).toContain('vm/web-1');

    // Again, in the middle of the rest.
    await bot.advance(5_000);
    flood(bot);
    const second = bot.postComment('/unlock vm/web-1', { person, issue: 2 });
    await bot.timeUntil('the second reply', 10_000, () => bot.repliesTo(second).length > 0);

    await bot.advance(hour);
    // A tenth of 300 an hour, and what the maintainer was answered.
    const writes = bot.calls('writes').length - 4;
    expect(writes).toBeLessThanOrEqual(30);
    expect(bot.calls('reads').length).toBeLessThan(1_500);
    expect(bot.outcomes.every((outcome) => typeof outcome === 'string')).toBe(true);
  },
  60_000,
);

test('160 × /help by one reader gets one answer, and another the next day; others get answers meanwhile', async () => {
  const bot = new VirtualInstallation();
  letRead(bot, rhea);
  const asked = Array.from({ length: 160 }, () => bot.postComment('/help', { person: rhea }));
  const run = bot.postComment('/compute 10', { person: mona });
  await bot.timeUntil('a job', 10_000, () => bot.repliesTo(run).length > 0);
  await bot.advance(hour);
  expect(asked.flatMap((comment) => bot.repliesTo(comment))).toHaveLength(1);
  expect(bot.calls('writes').length).toBeLessThanOrEqual(2 + 12);
  expect(bot.calls('reads').length).toBeLessThan(200);

  await bot.advance(24 * hour);
  const tomorrow = bot.postComment('/help', { person: rhea });
  await bot.timeUntil('an answer', 10_000, () => bot.repliesTo(tomorrow).length > 0);
}, 300_000);

test('160 commands by an app in a maintainer’s name: one explanation, and the maintainer is answered meanwhile', async () => {
  const bot = new VirtualInstallation();
  const posted = Array.from({ length: 160 }, (_, n) =>
    bot.postComment(`/compute ${n + 1}`, { person: { ...mona, app: n % 2 === 0 ? 'relay' : `relay-${n}` } }),
  );
  const lock = bot.postComment('/lock vm/web-1', { person: mona });
  await bot.timeUntil('the reply', 10_000, () => bot.repliesTo(lock).length > 0);
  await bot.advance(hour);
  const replies = posted.flatMap((comment) => bot.repliesTo(comment));
  expect(replies).toMatchObject([{ body: expect.stringContaining('does not allow that app') }]);
  expect(bot.calls('writes').length).toBeLessThanOrEqual(2 + 12);
  expect(bot.calls('reads').length).toBeLessThan(200);
}, 300_000);

test('a new command comes before the progress of 200 jobs', async () => {
  const bot = new VirtualInstallation();
  const replies = Array.from({ length: 200 }, (_, n) => bot.addBotComment(`/compute ${n + 1}`));
  const edits = { made: 0, held: 0 };
  for (const { id } of replies)
    bot.edit(id, 'progress').then(
      () => (edits.made += 1),
      () => (edits.held += 1),
    );
  await bot.advance(2_000);
  const lock = bot.postComment('/lock vm/web-1', { person: mona });
  await bot.timeUntil('the reply', 10_000, () => bot.repliesTo(lock).length > 0);
  expect(edits.made).toBeLessThan(20);
  await bot.advance(hour);
  // A bucket of 150, of which progress leaves a fifth, and what is set aside for another repository.
  expect(edits.made).toBeGreaterThan(95);
  expect(edits.made).toBeLessThan(105);
  expect(edits.made + edits.held).toBe(200);
  const { values } = await bot.metrics.writesHeld.get();
  expect(values).toEqual([{ labels: { kind: 'progress' }, value: edits.held }]);
  const lines = bot.logged.filter(({ msg }) => String(msg).startsWith('delaying writes'));
  expect(lines).toMatchObject([{ installation: 3, kind: 'progress' }]);
});

test('answers to people with permissions are delayed when the budget is used up, and never lost, even over a restart', async () => {
  const bot = new VirtualInstallation({ hourly: 20 });
  const locks = Array.from({ length: 30 }, (_, n) => bot.postComment(`/lock vm/${n}`, { person: mona }));
  const answered = (): number => locks.filter((comment) => bot.repliesTo(comment).length === 1).length;
  await bot.advance(hour / 2);
  const soon = answered();
  expect(soon).toBeGreaterThan(5);
  expect(soon).toBeLessThanOrEqual(20);

  // Those webhooks have failed, so GitHub delivers them again, to the next process.
  const next = bot.restart();
  for (const comment of locks) if (bot.repliesTo(comment).length === 0) next.deliver(comment, 0, mona);
  await next.advance(2 * hour);
  expect(answered()).toBe(30);
  expect(bot.calls('writes').filter(({ path }) => path.endsWith('/comments'))).toHaveLength(30);
}, 300_000);

test('a flood for hours, by new people and by edits, gets a tenth each hour, and a maintainer is always answered', async () => {
  const bot = new VirtualInstallation({ repositories: 3 });
  const times: number[] = [];
  for (let at = 0; at < 6; at += 1) {
    for (let n = 0; n < 12; n += 1) {
      const person = { id: 10_000 + at * 100 + n, login: `new-${at}-${n}` };
      letRead(bot, person);
      const comment = bot.postComment('/help', { person, repository: n % 3, issue: n });
      const editor = { id: person.id, login: person.login };
      for (const body of ['/help\n/tasks', '/help\n/tasks\n/explain /compute 1', '/tasks\n/compute 5']) {
        const event = { kind: 'edited', before: '/help', at: comment.created_at, editor } as const;
        bot.deliver({ ...comment, body }, n % 3, person, event);
      }
    }
    const lock = bot.postComment(`/lock vm/${at}`, { person: mona, repository: at % 3 });
    times.push(await bot.timeUntil('the reply', 10_000, () => bot.repliesTo(lock).length > 0));
    await bot.advance(hour - (times.at(-1) ?? 0));
  }
  expect(Math.max(...times)).toBeLessThanOrEqual(10_000);
  const began = Date.now() - 6 * hour;
  const byHour = Map.groupBy(bot.listWriteTimes(), ({ at }) => Math.floor((at - began) / hour));
  for (const writes of byHour.values()) expect(writes.length).toBeLessThanOrEqual(30 + 2);
  expect(byHour.size).toBe(6);
}, 300_000);
