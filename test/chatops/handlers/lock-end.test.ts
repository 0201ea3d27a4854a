import { describe, expect, test } from '@jest/globals';
import { buildComment, people } from '../../fixtures/incoming-comments.ts';
import { createCommentPorts, deliver, type FakeCommentPorts } from '../../fakes/comment-ports.ts';

const say = async (
  body: string,
  ports: FakeCommentPorts,
  more: Parameters<typeof buildComment>[2] = {},
): Promise<string> => {
  await deliver(buildComment(body, 9 + ports.bodies.size, more), ports);
  return ports.posted();
};

describe('/lock with an end', () => {
  test.each<[string, string]>([
    ['/lock k for=2h', 'It ends at 2026-03-01 14:00 UTC.'],
    ['/lock k until=closed', 'It ends when `#7` is closed.'],
    [
      '/lock k until=closed for=90s reason=new disks',
      'It ends at 2026-03-01 12:01 UTC or when `#7` is closed, whichever comes first.',
    ],
    ['/lock k', 'Jobs that need it wait until you release it'],
  ])('%s says when it ends', async (body, expected) => {
    const ports = createCommentPorts();
    expect(await say(body, ports)).toContain(expected);
    const listed = await say('/locks', ports);
    expect(listed.includes('; ends ')).toBe(body !== '/lock k');
  });

  test.each<[string, string]>([
    ['/lock k for=soon', 'for must be a duration'],
    ['/lock k for=8d', 'for is out of range'],
    ['/lock k until=2h', 'Did you mean `for=2h`?'],
    ['/lock k until=friday', '`friday` is not an event'],
    ['/lock k until=released for=2h', '`released` is not an event'],
    ['/lock k fro=2h', 'Did you mean `for`?'],
    ['/lock k reason=new disks for=2h', 'Write for= before reason='],
    ['/lock k reason=disks until=closed', 'Everything after reason= is part of the reason'],
    ['/lock k key=2 reason=x', '`key` is not a parameter'],
  ])('%s is refused', async (body, expected) => {
    const ports = createCommentPorts();
    expect(await say(body, ports)).toContain(expected);
    expect(await ports.locks.list('github.com/1')).toEqual([]);
  });

  test('a thread that is closed ends no lock', async () => {
    const ports = createCommentPorts();
    const isClosed = { threadState: { labels: [], comments: 1, isClosed: true } };
    expect(await say('/lock k until=closed', ports, isClosed)).toContain('that is open');
    expect(await ports.locks.list('github.com/1')).toEqual([]);
  });

  test('the default of the policy applies unless the command says otherwise', async () => {
    const policy = 'version: 1\nlocks: {for: 8h, until: closed}\n';
    for (const [body, expected] of [
      ['/lock k', 'at 2026-03-01 20:00 UTC or when `#7` is closed'],
      ['/lock k for=1h', 'It ends at 2026-03-01 13:00 UTC.'],
      ['/lock k until=closed', 'It ends when `#7` is closed.'],
    ] as const)
      expect(await say(body, createCommentPorts(policy))).toContain(expected);
    expect(await say('/lock k until=released', createCommentPorts(policy))).not.toContain('ends');
  });

  test('an orchestrator that stores no end is not trusted with one', async () => {
    const ports = createCommentPorts();
    const take = ports.locks.take.bind(ports.locks);
    ports.locks.take = ({ scope, key, by, reason }) => take({ scope, key, by, reason });
    expect(await say('/lock k for=2h', ports)).toContain('It does not end by itself');
    const plain = createCommentPorts();
    expect(await say('/lock k', plain)).not.toContain('by itself');
  });
});

test('a person whose lock somebody else releases is mentioned, and nobody else', async () => {
  const ports = createCommentPorts();
  await say('/lock k for=2h', ports, { author: people.mona });
  expect(await say('/unlock k', ports)).toContain('It was held by @mona since');
  await say('/lock k', ports);
  expect(await say('/unlock k', ports)).not.toContain('@octocat');
});
