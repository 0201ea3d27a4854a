import type { CommentId } from '../../../contracts/comment-id.ts';
import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import {
  CommentIntake,
  type CommentHandler,
  type CommentIntakeOptions,
} from '../../../bot/server/comment-intake.ts';
import { WriteDelayedError } from '../../../bot/rate-limit/write-budget.ts';
import type { ReceivedComment } from '../../../bot/server/webhook-events.ts';
import type { CommentResult } from '../../../chatops/handle-comment.ts';
import { WriteRefusedError } from '../../../chatops/github/ports.ts';

const comment = (
  id: number,
  body = '/help',
  event: ReceivedComment['event'] = { kind: 'created' },
): ReceivedComment => ({
  host: 'github.com',
  thread: { repository: { id: 501, name: 'acme/ops' }, number: 1, kind: 'issue' },
  threadState: { labels: [], comments: 1 },
  comment: { id, createdAt: new Date().toISOString(), body },
  author: { id: 11, login: 'mona', kind: 'person' },
  event,
  installation: 3,
});

const buildResult = (kind: 'job' | 'answer'): CommentResult =>
  ({
    reaction: 'eyes',
    sections: [{ kind, job: { id: 'job-1' } }],
    edited: false,
    explained: {},
    toReader: false,
    news: true,
  }) as unknown as CommentResult;

type Overrides = Partial<CommentHandler> & Pick<CommentIntakeOptions, 'pause'>;

const open = ({ pause, ...overrides }: Overrides = {}) => {
  const calls: string[] = [];
  const logged: { jobs?: string[]; msg: string }[] = [];
  const stopping = new AbortController();
  const handler: CommentHandler = {
    handle: async ({ comment: { id } }) => (calls.push(`converse ${id}`), buildResult('job')),
    handleMissed: async ({ comment: { id } }) => (calls.push(`missed ${id}`), buildResult('answer')),
    postReply: async ({ comment: { id } }) => void calls.push(`reply ${id}`),
    onJobsStarted: () => void calls.push('started'),
    onReplied: ({ comment: { id } }) => void calls.push(`replied ${id}`),
    onUnanswered: () => {},
    isWaiting: () => false,
    waitForReaderTurn: async () => {},
    ...overrides,
  };
  const intake = new CommentIntake(handler, {
    audit: { record: ({ outcome }) => void calls.push(outcome) },
    stopping: stopping.signal,
    ...(pause && { pause }),
  });
  const log = pino({ level: 'info' }, { write: (line) => void logged.push(JSON.parse(line) as never) });
  return { intake, calls, logged, log, stopping };
};

describe('a comment', () => {
  test('is carried out, then replied to; the log names its jobs', async () => {
    const { intake, calls, logged, log } = open();
    expect(await intake.handle(comment(1), log)).toBe('accepted');
    await intake.waitUntilIdle();
    expect(calls).toEqual(['converse 1', 'started', 'reply 1', 'replied 1']);
    expect(logged).toMatchObject([{ jobs: ['job-1'] }]);
  });

  test('that is redelivered while it is processed shares the outcome; after that it is processed again', async () => {
    const reply = Promise.withResolvers<void>();
    const { intake, calls, log } = open({ postReply: () => reply.promise });
    const many = () => Promise.all(Array.from({ length: 20 }, () => intake.handle(comment(1), log)));
    expect(new Set(await many())).toEqual(new Set(['accepted']));
    await many();
    expect(calls).toEqual(['converse 1', 'started']);
    reply.resolve();
    await intake.waitUntilIdle();
    await intake.handle(comment(1), log);
    await intake.waitUntilIdle();
    expect(calls.filter((call) => call === 'converse 1')).toHaveLength(2);
  });

  test('that is delivered after more than an hour is answered as missed, and so is an edit; a new edit of it is carried out', async () => {
    const { intake, calls, log } = open();
    const edited = { kind: 'edited', before: '/help', at: null, editor: { id: 11, login: 'mona' } } as const;
    for (const [id, event] of [
      [1, { kind: 'created' }],
      [2, { ...edited, at: new Date(Date.now() - 3_700_000).toISOString() }],
      [3, { ...edited, at: new Date().toISOString() }],
    ] as const) {
      const late = comment(id, '/compute 5', event);
      late.comment.createdAt = new Date(Date.now() - 3_700_000).toISOString();
      await intake.handle(late, log);
    }
    await intake.waitUntilIdle();
    expect(calls.filter((call) => /missed|converse/.test(call))).toEqual([
      'missed 1',
      'missed 2',
      'converse 3',
    ]);
  });

  test('is not the same as its edit', async () => {
    const { intake, calls, log } = open();
    const edited = { kind: 'edited', before: '/help', at: null, editor: { id: 11, login: 'mona' } } as const;
    await Promise.all([intake.handle(comment(1), log), intake.handle(comment(1, '/tasks', edited), log)]);
    await intake.waitUntilIdle();
    expect(calls.filter((call) => call === 'converse 1')).toHaveLength(2);
  });

  test('whose start fails is a fault for all its deliveries, and is processed again when it is redelivered', async () => {
    let faults = 1;
    const { intake, log } = open({
      handle: async () => {
        if (faults-- > 0) throw new Error('down');
        return buildResult('job');
      },
    });
    const both = await Promise.allSettled([intake.handle(comment(1), log), intake.handle(comment(1), log)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await intake.handle(comment(1), log)).toBe('accepted');
    await intake.waitUntilIdle();
  });

  test('without a command is nothing', async () => {
    const { intake, calls, log } = open({ handle: async () => undefined });
    expect(await intake.handle(comment(1), log)).toBe('no-command');
    expect(calls).toEqual([]);
  });

  test('whose thread no longer accepts a text is finished, and is recorded in the audit', async () => {
    const { intake, calls, log } = open({
      handle: async () => buildResult('answer'),
      postReply: async () => {
        throw new WriteRefusedError('locked');
      },
    });
    expect(await intake.handle(comment(1), log)).toBe('thread-closed');
    await intake.waitUntilIdle();
    expect(calls.toSorted()).toEqual(['replied 1', 'reply-refused']);
  });

  test('on a thread that is gone is finished: a redelivery would not bring the thread back', async () => {
    const { intake, calls, log } = open({
      handle: async () => {
        throw new WriteRefusedError('gone');
      },
    });
    expect(await intake.handle(comment(1), log)).toBe('thread-closed');
    expect(calls).toEqual(['reply-refused']);
  });

  test('whose reply waits for the budget is answered when there is room, however long that takes', async () => {
    let refusals = 20;
    const pauses: number[] = [];
    const { intake, calls, log, logged } = open({
      handle: async () => buildResult('answer'),
      postReply: async () => {
        if (refusals-- > 0) throw new WriteDelayedError('full', 90_000);
        calls.push('written');
      },
      pause: async (milliseconds) => pauses.push(milliseconds),
    });
    expect(await intake.handle(comment(1), log)).toBe('accepted');
    await intake.waitUntilIdle();
    expect(calls).toEqual(['written', 'replied 1']);
    expect(pauses).toEqual(Array.from({ length: 20 }, () => 60_000));
    expect(logged).toHaveLength(1);
  });

  test('of a person without permissions does not delay the webhook, and is tried once', async () => {
    const quiet = Promise.withResolvers<void>();
    let tries = 0;
    const { intake, calls, log } = open({
      handle: async () => ({ ...buildResult('answer'), toReader: true }),
      waitForReaderTurn: () => quiet.promise,
      postReply: async () => {
        tries += 1;
        throw new WriteDelayedError('full', Infinity);
      },
    });
    expect(await intake.handle(comment(1), log)).toBe('accepted');
    expect(tries).toBe(0);
    quiet.resolve();
    await intake.waitUntilIdle();
    expect([tries, ...calls]).toEqual([1, 'replied 1']);
  });

  test('that is not processed is finished, and the sweep is informed', async () => {
    const unanswered: CommentId[] = [];
    const { intake, calls, log } = open({
      handle: async () => 'held',
      onUnanswered: ({ comment: { id } }) => unanswered.push(id),
    });
    expect(await intake.handle(comment(1), log)).toBe('held');
    expect([unanswered, calls]).toEqual([[1], []]);
  });

  test('that came too late is answered, and starts nothing', async () => {
    const { intake, calls, log } = open();
    expect(await intake.handleMissed(comment(1), log)).toBe('accepted');
    await intake.waitUntilIdle();
    expect(calls).toEqual(['missed 1', 'reply 1', 'replied 1']);
  });
});
