import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createBotMetrics } from '../../../bot/metrics.ts';
import { AdmissionControl, type AdmissionSubject } from '../../../bot/server/admission-control.ts';
import { LookupBudgetError } from '../../../bot/server/lookup-budget.ts';
import type { ReceivedComment } from '../../../bot/server/webhook-events.ts';

const hour = 3_600_000;
let comments = 0;

const commentBy = (person: number, more: Partial<ReceivedComment> = {}): ReceivedComment => ({
  host: 'github.com',
  thread: { repository: { id: 501, name: 'acme/ops' }, number: 1, kind: 'issue' },
  threadState: { labels: [], comments: 1 },
  comment: { id: (comments += 1), createdAt: '2026-11-30T12:00:00Z', body: '/help' },
  author: { id: person, login: `person-${person}`, kind: 'person' },
  event: { kind: 'created' },
  installation: 3,
  ...more,
});

/** Admissions of an installation with 300 writes an hour: ten comments of a person, 750 calls. `room`: answers left for readers. */
const open = (room = 15) => {
  const time = { now: 1_000 };
  const logged: Record<string, unknown>[] = [];
  const write = (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>);
  const metrics = createBotMetrics();
  const admissions = new AdmissionControl({
    hourly: 300,
    budget: { getReaderCapacity: () => room },
    metrics,
    log: pino({}, { write }),
    now: () => time.now,
  });
  /** Hears a comment whose author may run something or not; it is being answered from then on, if it is. */
  const begin = (comment: ReceivedComment, isReader: boolean): Promise<string> =>
    admissions.run(comment, async () =>
      admissions.recordPermissions(comment, isReader) ? 'answered' : 'silent',
    );
  /** The same, to the end. */
  const come = async (comment: ReceivedComment, isReader: boolean): Promise<string> => {
    const outcome = await begin(comment, isReader);
    admissions.finish(comment, true);
    return outcome;
  };
  const many = (times: number, comment: () => ReceivedComment, isReader: boolean): Promise<string[]> =>
    Promise.all(Array.from({ length: times }, () => come(comment(), isReader)));
  return { admissions, begin, come, many, time, metrics, logged };
};
const count = (all: readonly string[], what: string): number => all.filter((one) => one === what).length;

test('a few comments an hour of an unknown person are processed, and all once they have permissions', async () => {
  const { many, time } = open();
  expect(count(await many(200, () => commentBy(12), true), 'held')).toBe(190);
  time.now += hour;
  expect(count(await many(200, () => commentBy(12), true), 'held')).toBe(190);
  // Even those that came at once, before anything was known.
  expect(count(await many(200, () => commentBy(11), false), 'answered')).toBe(200);
});

test('the permissions of a person who was just added are requested again, and then the person passes', async () => {
  const { come, many } = open();
  await many(3, () => commentBy(12), true);
  expect(await come(commentBy(12), false)).toBe('answered');
  expect(count(await many(100, () => commentBy(12), false), 'answered')).toBe(100);
  // And the other way round.
  expect(await come(commentBy(12), true)).toBe('answered');
  expect(count(await many(100, () => commentBy(12), true), 'held')).toBeGreaterThan(90);
});

test('an app is remembered apart from the person for whom it writes, and all apps of a person have one share', async () => {
  const { come, many } = open();
  const through = (app: string | null, person = 11): ReceivedComment =>
    commentBy(person, { author: { id: person, login: `person-${person}`, kind: 'person-via-app', app } });
  const apps = ['relay', 'other', null];
  // A member's apps may do nothing by that.
  expect(await come(commentBy(11), false)).toBe('answered');
  const all = await Promise.all(apps.map((app) => many(50, () => through(app), true)));
  expect(count(all.flat(), 'held')).toBe(140);
  expect(count(await many(200, () => commentBy(11), false), 'answered')).toBe(200);
  // Nor do they use up what somebody has of whom nothing is known.
  await many(50, () => through('relay', 12), true);
  expect(count(await many(50, () => commentBy(12), true), 'answered')).toBe(10);
  // An app that may do something passes, and no other one by that.
  expect(count(await many(50, () => through('relay', 13), false), 'answered')).toBe(50);
  expect(count(await many(50, () => through('other', 13), true), 'held')).toBe(41);
});

test('while GitHub does not answer, nobody uses up their share', async () => {
  const { admissions, come } = open();
  for (let n = 0; n < 50; n += 1) {
    const failing = admissions.run(commentBy(11), () => Promise.reject(new Error('down')));
    await expect(failing).rejects.toThrow('down');
  }
  expect(await come(commentBy(11), false)).toBe('answered');
});

test('what somebody may do in one repository says nothing about another', async () => {
  const { come, many } = open();
  const elsewhere = { repository: { id: 502, name: 'acme/web' }, number: 1, kind: 'issue' } as const;
  await come(commentBy(11), false);
  expect(count(await many(50, () => commentBy(11, { thread: elsewhere }), true), 'held')).toBe(41);
  expect(await come(commentBy(11), false)).toBe('answered');
});

test('when the calls are used up, strangers get no answers but members do, and the budget refills', async () => {
  const { admissions, come, time, metrics } = open();
  const subject: AdmissionSubject = { installation: 3, repository: 501, person: 99, isAffiliated: false };
  admissions.charge(subject, 700);
  const stranger = commentBy(12);
  expect(await come(stranger, true)).toBe('held');
  expect([admissions.isSilenced(stranger.comment.id), admissions.hasRoom(3, false)]).toEqual([false, false]);
  expect(await come(commentBy(11, { isAffiliated: true }), false)).toBe('answered');
  admissions.charge(subject, 700);
  expect(await come(commentBy(13, { isAffiliated: true }), false)).toBe('held');
  // Known ones need none of it.
  expect(await come(commentBy(11), false)).toBe('answered');
  time.now += 2 * hour;
  expect([admissions.hasRoom(3, false), await come(stranger, false)]).toEqual([true, 'answered']);
  const { values } = await metrics.commentsHeld.get();
  expect(values).toEqual([{ labels: { reason: 'reads' }, value: 2 }]);
});

test('without answers left, nobody is looked up twice; the log shows the reason once a minute, without names', async () => {
  const { admissions, many, come, logged } = open(0);
  const first = commentBy(12);
  expect(await come(first, true)).toBe('silent');
  expect(admissions.isSilenced(first.comment.id)).toBe(true);
  expect(count(await many(100, () => commentBy(12), true), 'held')).toBe(100);
  expect(logged).toMatchObject([{ installation: 3, kind: 'reader', reason: 'writes' }]);
  expect(JSON.stringify(logged)).not.toContain('person-12');
});

test('concurrent answers never exceed the remaining budget', async () => {
  const { admissions, begin } = open(3);
  const all = [21, 22, 23, 24].map((person) => commentBy(person));
  const outcomes: string[] = [];
  for (const comment of all) outcomes.push(await begin(comment, true));
  expect(outcomes).toEqual(['answered', 'answered', 'answered', 'silent']);
  admissions.finish(all[0] as ReceivedComment, true);
  expect(await begin(commentBy(25), true)).toBe('answered');
});

test('an answer is given to one comment a day, unless it was not written', () => {
  const { admissions, time } = open();
  const [first, second] = [commentBy(12), commentBy(12)];
  const claims = () => [admissions.claimsAnswer('help', first), admissions.claimsAnswer('help', second)];
  expect(claims()).toEqual([true, false]);
  admissions.finish(first, false);
  expect([admissions.claimsAnswer('help', second), ...claims()]).toEqual([true, false, true]);
  time.now += 24 * hour + 1;
  expect(claims()).toEqual([true, false]);
});

test('pull requests of strangers are checked a few times an hour, those of people with permissions always', async () => {
  const { admissions, come } = open();
  const subject: AdmissionSubject = { installation: 3, repository: 501, person: 12, isAffiliated: false };
  const checks = (times: number): string[] =>
    Array.from({ length: times }, () => admissions.admitLookups(subject, 5));
  expect(new Set(checks(10))).toEqual(new Set(['reader']));
  expect(() => checks(1)).toThrow(LookupBudgetError);
  await come(commentBy(11), false);
  expect(admissions.admitLookups({ ...subject, person: 11 }, 5)).toBe('news');
  expect(admissions.admitLookups({ ...subject, person: 13, isAffiliated: true }, 5)).toBe('news');
});
