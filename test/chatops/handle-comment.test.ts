import { describe, expect, test } from '@jest/globals';
import type { IncomingComment } from '../../chatops/incoming-comment.ts';
import { handleComment, postReply, type CommentResult } from '../../chatops/handle-comment.ts';
import { handleMissedComment } from '../../chatops/handle-missed-comment.ts';
import { rejectUndeclaredParameter } from '../../contracts/problem.ts';
import { createEntry } from '../../chatops/lease/comment-claim.ts';
import { readMarker, refreshReply } from '../../chatops/reply/render-reply.ts';
import { createMemoryJobs } from '../fakes/memory-jobs.ts';
import { buildComment, buildEdit, people } from '../fixtures/incoming-comments.ts';
import { finishedComputeJob } from '../fixtures/jobs.ts';
import {
  deliver,
  hello,
  createCommentPorts,
  listStarts,
  type FakeCommentPorts,
} from '../fakes/comment-ports.ts';

test('a comment without a command: nobody is asked anything', async () => {
  const ports = createCommentPorts();
  expect(await handleComment(buildComment('Shall we use `/compute 10`?'), ports)).toBeUndefined();
  expect([ports.calls, ports.jobs.calls]).toEqual([[], []]);
});

test('a command: the job is started, then 👀 and one reply', async () => {
  const ports = createCommentPorts();
  const comment = buildComment('/compute 1000');
  const turn = await handleComment(comment, ports);
  expect([ports.calls, listStarts(ports)]).toEqual([['level octocat'], ['/compute 1000']]);
  await postReply(comment, turn as CommentResult, ports);
  expect(ports.calls.toSorted()).toEqual(['create', 'find', 'level octocat', 'react 9 eyes']);
  expect(ports.posted()).toContain('⏳ **`/compute 1000`** is queued.');
});

test('several commands: each has a section, in the order of the comment; the permission is read once', async () => {
  const ports = createCommentPorts();
  const turn = await deliver(
    buildComment('/help\n/run Hello who=world\n/compute abc\n/compute 5\n/compute 5'),
    ports,
  );
  expect(turn.reaction).toBe('confused');
  expect(turn.sections.map(({ kind, index }) => `${index} ${kind}`)).toEqual([
    '0 answer',
    '1 job',
    '2 refusal',
    '3 job',
    '4 job',
  ]);
  expect(ports.calls.filter((call) => call.startsWith('level'))).toHaveLength(1);
  expect(ports.jobs.all.size).toBe(3);
  expect(ports.posted()).toMatch(
    /Hello who=world`\*\* is queued[^]*compute[^]*was not run[^]*compute 5`\*\* is queued/,
  );
  expect(readMarker(ports.posted() ?? '')?.jobs).toHaveLength(3);
});

test('a command that only one reader sees is refused with its line, and the others run', async () => {
  const ports = createCommentPorts();
  const turn = await deliver(
    buildComment('/compute 5\n\nUse List<String>.\n/compute 6\n\n/compute 7'),
    ports,
  );
  expect(turn.sections.map(({ kind, index }) => `${index} ${kind}`)).toEqual(['0 job', '1 refusal', '2 job']);
  expect(listStarts(ports)).toEqual(['/compute 5', '/compute 7']);
  expect(ports.posted()).toMatch(
    /`\/compute 6`\*\* was not run[^]*Line 4, column 1: Readers may not see this line as plain text, so write the command alone in a new comment\./,
  );
  const folded = buildComment('<details>\n\n/compute 5\n\n</details>', 10);
  expect(await handleComment(folded, ports)).toBeUndefined();
});

test('people without permissions do not trigger the second reader', async () => {
  let asked = 0;
  const ports = { ...createCommentPorts(), secondReader: async () => ((asked += 1), []) };
  await deliver(buildComment('/compute 5', 9, { author: people.rhea }), ports);
  expect(asked).toBe(0);
  await deliver(buildComment('/compute 5', 10), ports);
  expect([asked, listStarts(ports)]).toEqual([1, []]);
});

describe('who may', () => {
  test('without write access nothing starts, and the reply says why', async () => {
    const ports = createCommentPorts();
    const comment = buildComment('/compute 5\n/run Nope\n/run Hello who="\n/cancel x', 9, {
      author: people.rhea,
    });
    const turn = await deliver(comment, ports);
    expect(turn.reaction).toBe('confused');
    expect(listStarts(ports)).toEqual([]);
    expect(ports.posted()).toMatch(/`\/compute 5`.*write[^]*you have.*read/);
    expect(ports.posted()).not.toMatch(/missing|closed|is not a task/);
  });

  test('who may nothing is told so once a day in a thread, and gets 😕 after that', async () => {
    const ports = createCommentPorts();
    const by = { author: people.rhea };
    await deliver(buildComment('/compute 5', 9, by), ports);
    expect(ports.posted()).toContain('`/compute 5`');
    const again = await deliver(buildComment('/compute 6', 10, by), ports);
    expect([again.sections, again.reaction, ports.bodies.size]).toEqual([[], 'confused', 1]);
    expect(ports.calls).toContain('react 10 confused');
    // The first comment, delivered again, is answered as it was.
    await deliver(buildComment('/compute 5', 9, by), ports);
    expect(ports.bodies.size).toBe(1);
    const other = { ...by, author: { ...people.rhea, id: 33, login: 'other' } };
    await deliver(buildComment('/compute 7', 11, other), ports);
    expect(ports.bodies.size).toBe(2);
  });

  test('everyone may ask for help, and learns what he is here', async () => {
    const ports = createCommentPorts();
    const author = { ...people.rhea, login: 'stranger' };
    const turn = await deliver(buildComment('/help\n/tasks', 9, { author }), ports);
    expect(turn.sections.map(({ kind }) => kind)).toEqual(['answer', 'answer']);
    expect(ports.posted()).toMatch(/stranger.*none/);
  });

  test('people without permissions get the same answer once a day per thread; others get it each time', async () => {
    const ports = createCommentPorts();
    const by = { author: people.rhea };
    const ask = async (body: string, id: number, more: Partial<IncomingComment> = by): Promise<number> =>
      (await deliver(buildComment(body, id, more), ports)).sections.length;
    expect(await ask('/help', 20)).toBe(1);
    expect(readMarker(ports.posted())).toMatchObject({ comment: 20, reader: people.rhea.id });
    expect(await ask('/help', 21)).toBe(0);
    expect(await ask('/tasks', 22)).toBe(1);
    expect(await ask('/help\n/tasks', 23)).toBe(2);
    expect(await ask('/tasks', 24)).toBe(0);
    // The first comment, delivered again, is answered as it was.
    expect(await ask('/help', 20)).toBe(1);
    expect(ports.bodies.size).toBe(3);
    expect(await ask('/help', 25, { author: { ...people.rhea, id: 33 } })).toBe(1);
    expect([await ask('/help', 26, {}), await ask('/help', 27, {})]).toEqual([1, 1]);
    expect(readMarker(ports.posted())).not.toHaveProperty('reader');
  });

  test('people who can repair a broken policy are told about it each time, others once a day', async () => {
    const ports = createCommentPorts('version: 1\nnonsense: true');
    const sections = async (id: number, more: Partial<IncomingComment>): Promise<number> =>
      (await deliver(buildComment('/compute 5', id, more), ports)).sections.length;
    expect([await sections(20, {}), await sections(21, {})]).toEqual([1, 1]);
    const by = { author: people.rhea };
    expect([await sections(22, by), await sections(23, by)]).toEqual([1, 0]);
  });

  test('people without permissions get no answer when the entry has none left', async () => {
    const ports = createCommentPorts();
    const learned: boolean[] = [];
    const full = {
      admits: (isReader: boolean) => (learned.push(isReader), !isReader),
      claimsAnswer: () => true,
    };
    const heard = (more: Partial<IncomingComment>) =>
      handleComment(buildComment('/help', 9, more), { ...ports, admission: full });
    expect(await heard({ author: people.rhea })).toBeUndefined();
    expect(await heard({})).toMatchObject({ toReader: false });
    expect(learned).toEqual([true, false]);
    const claimed = { admits: () => true, claimsAnswer: () => false };
    const again = await handleComment(buildComment('/help', 9, { author: people.rhea }), {
      ...ports,
      admission: claimed,
    });
    expect(again).toMatchObject({ sections: [], toReader: true, news: false });
  });

  test('a word that only resembles a command is answered to whom it could be meant for', async () => {
    const ports = createCommentPorts();
    expect(await handleComment(buildComment('/canel', 9, { author: people.rhea }), ports)).toBeUndefined();
    await deliver(buildComment('/canel', 10), ports);
    expect(ports.posted()).toContain('/cancel');
  });

  test('another program is unheard unless the policy names it', async () => {
    const by = { author: people.hubot };
    expect(await handleComment(buildComment('/compute 5', 9, by), createCommentPorts())).toBeUndefined();
    const ports = createCommentPorts('version: 1\ncompute: {allow: {bots: ["hubot[bot]"]}}');
    await deliver(buildComment('/compute 5', 9, by), ports);
    expect(listStarts(ports)).toEqual(['/compute 5']);
  });
});

describe('an edited comment', () => {
  const first = buildComment('/compute 5\n/compute 6');

  test('runs what it did not hold before, and nothing else', async () => {
    const ports = createCommentPorts();
    await deliver(first, ports);
    await deliver(buildEdit(first, 'So:\n/compute 6\n/compute 7\n/compute 5'), ports);
    expect(listStarts(ports)).toEqual(['/compute 5', '/compute 6', '/compute 7']);
    const shown = [...ports.posted().matchAll(/\*\*`(\/compute \d)`\*\*/g)].map(([, command]) => command);
    expect(new Set(shown)).toEqual(new Set(['/compute 5', '/compute 6', '/compute 7']));
  });

  test('a second one of the same command is a new command', async () => {
    const ports = createCommentPorts();
    await deliver(first, ports);
    await deliver(buildEdit(first, '/compute 5\n/compute 5\n/compute 6'), ports);
    expect(listStarts(ports)).toEqual(['/compute 5', '/compute 6', '/compute 5']);
    expect(ports.jobs.all.size).toBe(3);
  });

  test('text beside the commands: nothing happens, whoever changed it', async () => {
    const ports = createCommentPorts();
    expect(await handleComment(buildEdit(first, `${first.comment.body}\n\nThanks!`), ports)).toBeUndefined();
    expect(await handleComment(buildEdit(first, '/compute 6', people.mona), ports)).toBeUndefined();
  });

  test('changed by somebody else: reported once, and nothing runs', async () => {
    const ports = createCommentPorts();
    const body = '/compute 5\n/compute 6\n/run Hello who=me';
    await deliver(buildEdit(first, body, people.mona), ports);
    expect([listStarts(ports), ports.posted()]).toEqual([[], expect.stringContaining('mona')]);
    await deliver(buildEdit(buildComment(body), `${body}\n/compute 8`, people.mona), ports);
    expect([listStarts(ports), ports.bodies.size]).toEqual([[], 1]);
    expect(ports.posted().match(/mona/g)).toHaveLength(1);
  });

  test('of which nobody knows what it held before: nothing runs', async () => {
    const ports = createCommentPorts();
    const event = { kind: 'edited', before: null, at: null, editor: people.octocat } as const;
    await deliver(buildComment('/compute 5', 9, { event }), ports);
    expect(listStarts(ports)).toEqual([]);
  });

  test('a line that was edited into another command leaves the job of the first alone', async () => {
    const ports = createCommentPorts();
    await deliver(first, ports);
    await deliver(buildEdit(first, '/compute 6\n/help'), ports);
    expect(ports.posted()).toMatch(/compute 5`[^]*\/explain/);
  });
});

test('a thread that the policy does not take commands on', async () => {
  const ports = createCommentPorts('version: 1\nthreads: {labels: [ops]}');
  await deliver(buildComment('/compute 5'), ports);
  expect([listStarts(ports), ports.posted()]).toEqual([[], expect.stringContaining('ops')]);
  await deliver(buildComment('/compute 5', 10, { threadState: { labels: ['ops'], comments: 0 } }), ports);
  expect(listStarts(ports)).toEqual(['/compute 5']);
});

test('that a thread takes no commands is told to whom was told that he may not, and likewise but once a day', async () => {
  const ports = createCommentPorts('version: 1\nthreads: {labels: [ops]}');
  const by = { author: people.rhea };
  await deliver(
    buildComment('/compute 5', 9, { ...by, threadState: { labels: ['ops'], comments: 0 } }),
    ports,
  );
  expect(ports.posted()).toContain('you have **read** access to this repository');
  await deliver(buildComment('/compute 5', 10, by), ports);
  expect(ports.posted()).toContain('accepts commands only on');
  const again = await deliver(buildComment('/compute 6', 11, by), ports);
  expect([again.sections, again.reaction, ports.bodies.size]).toEqual([[], 'confused', 2]);
});

test('that a thread is nearly full is told with a text too, and once', async () => {
  const ports = createCommentPorts();
  const about = { labels: [], comments: 2_400 };
  await deliver(buildComment('/help\n/tasks\n/compute 5\n/compute 6', 9, { threadState: about }), ports);
  expect(ports.posted().match(/This thread has 2400 comments/g)).toHaveLength(1);
  await deliver(buildComment('/help', 10, { threadState: about }), ports);
  expect(ports.posted()).toMatch(/^⚠️ This thread has 2400 comments/);
});

test('where the Action is to answer, the app is silent', async () => {
  const ports = createCommentPorts('version: 1\nentry: action');
  expect(await handleComment(buildComment('/compute 5'), ports)).toBeUndefined();
  expect(
    await handleComment(buildComment('/compute 5'), { ...ports, entry: { ...ports.entry, name: 'action' } }),
  ).toBeDefined();
});

test('where nobody says who is to answer, one of app and Action does: who claims the comment first', async () => {
  const holders = new Map<string, string>();
  const leases = {
    take: async (name: string, holder: string) => {
      if (!holders.has(name)) holders.set(name, holder);
      return holders.get(name) === holder;
    },
  };
  const ports = createCommentPorts();
  const lost: string[] = [];
  const app = {
    ...ports,
    entry: createEntry('app', leases, ({ comment }) => lost.push(`app ${comment.id}`)),
  };
  const action = {
    ...ports,
    entry: createEntry('action', leases, ({ comment }) => lost.push(`action ${comment.id}`)),
  };
  const [comment, later] = [buildComment('/compute 5', 9), buildComment('/help', 10)];
  expect(await handleComment(buildComment('No command', 8), action)).toBeUndefined();
  expect(await handleComment(comment, app)).toBeDefined();
  expect(await handleComment(comment, action)).toBeUndefined();
  expect(await handleComment(buildEdit(comment, '/compute 6'), action)).toBeUndefined();
  expect(await handleComment(comment, app)).toBeDefined();
  expect(await handleMissedComment(later, action)).toBeDefined();
  expect(await handleMissedComment(later, app)).toBeUndefined();
  expect([...holders]).toEqual([
    ['entry/github.com/1/9', 'app'],
    ['entry/github.com/1/10', 'action'],
  ]);
  expect(lost).toEqual(['action 9', 'action 9', 'app 10']);
  expect(listStarts(ports)).toEqual(['/compute 5']);
});

test('another name for us, and no command without it', async () => {
  const ports = createCommentPorts('version: 1\nprefix: {name: ops, required: true}');
  expect(await handleComment(buildComment('/compute 5\n/cox compute 5'), ports)).toBeUndefined();
  await deliver(buildComment('/ops compute 5'), ports);
  expect(listStarts(ports)).toEqual(['/compute 5']);
});

test('a broken policy refuses all that changes anything, and says where it is wrong', async () => {
  const ports = createCommentPorts('version: 1\ntask: {}\n');
  await deliver(buildComment('/compute 5\n/lock vm/a\n/help'), ports);
  expect(listStarts(ports)).toEqual([]);
  expect(ports.posted()).toMatch(/line 2|Line 2/);
});

test('a broken policy is told beside the help, which lists nothing to run for it', async () => {
  const ports = createCommentPorts('version: 1\ntask: {}\n');
  await deliver(buildComment('/help'), ports);
  expect(ports.posted()).toMatch(/is not valid[^]*Line 2, column 1/);
});

test('a broken policy is also told to whom it keeps from being told of a mistake', async () => {
  const ports = createCommentPorts('version: 1\ntask: {}\n');
  await deliver(buildComment('/compute x'), ports);
  expect(ports.posted()).toMatch(/line 2/i);
  expect(ports.audited).toMatchObject([{ reason: 'policy-broken' }]);
});

test('where commands are not taken, the refusal shows no value of a task', async () => {
  const ports = createCommentPorts('version: 1\nthreads: {issues: false}');
  await deliver(buildComment('/run StopVM VMName=web-1 Token=hunter2'), ports);
  expect(ports.posted()).toContain('/run StopVM');
  expect(JSON.stringify([ports.posted(), ports.audited])).not.toContain('hunter2');
});

test('a text stands before the mark: who looks for missed comments takes the mark for an answer', async () => {
  const ports = createCommentPorts();
  const create = async () => Promise.reject(new Error('down'));
  const broken = { ...ports, thread: { ...ports.thread, create } };
  await expect(deliver(buildComment('/help'), broken)).rejects.toThrow('down');
  expect(ports.calls.filter((call) => call.startsWith('react'))).toEqual([]);
});

test('a program that the policy lets take locks is heard', async () => {
  const ports = createCommentPorts('version: 1\nlocks: {allow: {bots: ["hubot[bot]"]}}');
  await deliver(buildComment('/lock vm/web-1', 10, { author: people.hubot }), ports);
  expect(await ports.locks.list('github.com/1')).toHaveLength(1);
});

describe('a comment that was missed', () => {
  test('is answered with what to write again, without the values of tasks', async () => {
    const ports = createCommentPorts();
    const comment = buildComment('/compute 5\n/run StopVM VMName=web-1 Token=hunter2');
    const turn = (await handleMissedComment(comment, ports)) as CommentResult;
    await postReply(comment, turn, ports);
    expect(listStarts(ports)).toEqual([]);
    expect(ports.posted()).toMatch(/missed[^]*`\/compute 5`[^]*`\/run StopVM`/);
    expect(JSON.stringify([ports.posted(), ports.audited])).not.toContain('hunter2');
    expect(ports.audited.map(({ what, reason }) => [what, reason])).toEqual([
      ['/compute 5', 'missed'],
      ['/run StopVM', 'missed'],
    ]);
    expect(await handleMissedComment(comment, ports)).toBeUndefined();
  });

  test('was none if its job is known; only the others of its commands were', async () => {
    const ports = createCommentPorts();
    await handleComment(buildComment('/compute 5'), ports);
    expect(await handleMissedComment(buildComment('/compute 5'), ports)).toBeUndefined();
    const turn = await handleMissedComment(buildComment('/compute 5\n/compute 6'), ports);
    expect(JSON.stringify(turn?.sections)).toMatch(/^(?!.*compute 5).*compute 6/);
  });

  test('by an edit: what came with it is told beside what was answered before, once', async () => {
    const ports = createCommentPorts();
    const first = buildComment('/help');
    await deliver(first, ports);
    const late = buildEdit(first, '/help\n/compute 6');
    await postReply(late, (await handleMissedComment(late, ports)) as CommentResult, ports);
    expect(listStarts(ports)).toEqual([]);
    expect(ports.posted()).toMatch(/`\/compute`[^]*missed[^]*`\/compute 6`/);
    expect(await handleMissedComment(late, ports)).toBeUndefined();
  });

  test('is the Action’s concern where the policy says that the Action answers', async () => {
    const ports = createCommentPorts('version: 1\nentry: action');
    expect(await handleMissedComment(buildComment('/compute 5'), ports)).toBeUndefined();
  });
});

test('commands of one comment that act on the same thing do so in their order', async () => {
  const ports = createCommentPorts();
  for (const [body, held] of [
    ['/lock vm/a\n/unlock vm/a', 0],
    ['/lock vm/a\n/unlock vm/a\n/lock vm/a', 1],
  ] as const) {
    await deliver(buildComment(body, 20 + held), ports);
    expect(await ports.locks.list('github.com/1')).toHaveLength(held);
  }
});

test('each decision is kept, also where another command of the comment fails', async () => {
  const ports = createCommentPorts();
  ports.jobs.faults.push(new Error('down'));
  await expect(handleComment(buildComment('/compute 5\n/compute 6'), ports)).rejects.toThrow('down');
  expect(ports.audited).toMatchObject([{ what: '/compute 6', outcome: 'started' }]);
});

test('each decision is kept: who, what, where, whether and why, and what came of it', async () => {
  const ports = createCommentPorts();
  await deliver(buildComment('/compute 5\n/compute x'), ports);
  await deliver(buildComment('/compute 5', 10, { author: people.rhea }), ports);
  expect(ports.audited).toMatchObject([
    {
      who: { id: 1 },
      what: '/compute 5',
      allowed: true,
      outcome: 'started',
      job: [...ports.jobs.all.keys()][0],
    },
    { what: '/compute x', outcome: 'refused', reason: 'mistaken' },
    { who: { id: 3 }, allowed: false, reason: 'level-too-low', job: null },
  ]);
  expect(ports.audited[0]?.request).toMatch(/^[0-9a-f]{64}$/);
});

test('what is wrong with a command is told whole: its form, and what the catalogue knows', async () => {
  const ports = createCommentPorts();
  await deliver(buildComment('/run Hello shoe=1 zone="eu'), ports);
  expect(ports.posted()).toMatch(
    /"who" is missing[^]*`shoe` is not a parameter of this task[^]*quotation mark is not closed/,
  );
  expect(listStarts(ports)).toEqual([]);
});

describe('an incomplete command for a task', () => {
  /** Returns the only code block of the newest reply. */
  const readLine = (ports: FakeCommentPorts): string | undefined =>
    /^```text\n(?<line>.*)\n```$/m.exec(ports.posted())?.groups?.['line'];

  test('gets the complete line in its reply, which runs as soon as the missing value is in it', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/run StopVM Tokn=hunter2', 9), ports);
    expect(ports.posted()).toContain('Complete this line, and try again:');
    expect(ports.posted()).not.toContain('hunter2');
    expect(readLine(ports)).toBe('/run StopVM VMName= Token=');
    const complete = `${readLine(ports)?.replace(' Token=', '')}"web 1"`;
    await deliver(buildComment(complete, 10), ports);
    expect(listStarts(ports)).toEqual(['/run StopVM VMName="web 1"']);
    expect([...ports.jobs.requests.values()]).toMatchObject([
      { parameters: [{ name: 'VMName', value: 'web 1' }] },
    ]);
  });

  test('starts nothing if the line is copied as it is, or if the reply itself is a comment', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/run Hello', 9), ports);
    const reply = ports.posted();
    await deliver(buildComment(readLine(ports) ?? '', 10), ports);
    expect(ports.posted()).toContain('The value of "who" is missing');
    expect(await handleComment(buildComment(reply, 11), ports)).toBeUndefined();
    expect(listStarts(ports)).toEqual([]);
  });

  test('gets the line with its given values if only a name is mistyped', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/run Hello woh="big world"', 9), ports);
    expect(ports.posted()).toContain('To try again:');
    expect(readLine(ports)).toBe('/run Hello who="big world"');
  });

  test('gets the line without the values that the policy does not allow', async () => {
    const ports = createCommentPorts("version: 1\ntasks: {Hello: {parameters: {who: {pattern: '[a-z]+'}}}}");
    await deliver(buildComment('/run Hello who=A1', 9), ports);
    expect(ports.posted()).toContain('policy does not allow these values');
    expect(readLine(ports)).toBe('/run Hello who=');
  });

  test('gets the line with the parameter that the lock of the policy needs', async () => {
    const policy = "version: 1\ntasks: {Hello: {lock: {key: 'greet/${who}', when: queue}}}";
    const scriptParameters = hello.scriptParameters.map((one) => ({ ...one, required: false }));
    const ports = {
      ...createCommentPorts(policy),
      jobs: createMemoryJobs([{ ...hello, scriptParameters }]),
    };
    await deliver(buildComment('/run Hello', 9), ports);
    expect(readLine(ports)).toBe('/run Hello who=');
  });

  test('gets a place for a secret, and how to pass it', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/run StopVM Token=hunter2', 9), ports);
    expect(ports.posted()).toContain(
      'Do not write the value of `Token` where others can read it, such as in a comment: pass it with the Action’s input `parameters`, or with `coxswain run --parameters FILE`.',
    );
    expect(ports.posted()).not.toContain('hunter2');
  });
});

describe('the same comment again', () => {
  test('many deliveries at once: one start each, the same answer', async () => {
    const ports = createCommentPorts();
    const turns = await Promise.all(
      Array.from({ length: 10 }, () => handleComment(buildComment('/compute 5'), ports)),
    );
    expect(ports.jobs.all.size).toBe(1);
    expect(
      new Set(turns.map((turn) => turn?.sections.map(({ key, kind }) => `${key} ${kind}`).join())).size,
    ).toBe(1);
    expect(turns.filter((turn) => turn?.news)).toHaveLength(1);
    for (const turn of turns) await postReply(buildComment('/compute 5'), turn as CommentResult, ports);
    expect(ports.calls.filter((call) => call === 'create')).toHaveLength(1);
    expect(ports.calls).not.toContain('edit');
  });

  test('after the job has ended: nothing is written, for whoever follows the job has told its end', async () => {
    const ports = createCommentPorts();
    const comment = buildComment('/compute 5');
    await deliver(comment, ports);
    const [job] = [...ports.jobs.all.values()];
    ports.jobs.all.set(job!.id, finishedComputeJob({ id: job!.id, origin: job!.origin }));
    expect(await deliver(comment, ports)).toMatchObject({ news: false, sections: [{ kind: 'job' }] });
    expect([ports.jobs.all.size, ports.calls.filter((call) => call === 'edit')]).toEqual([1, []]);
  });

  test('a reply that the tracker made meanwhile is found and kept', async () => {
    const ports = createCommentPorts();
    const comment = buildComment('/compute 5');
    const turn = (await handleComment(comment, ports)) as CommentResult;
    const { body } = refreshReply(undefined, {
      comment: 9,
      jobs: [...ports.jobs.all.values()],
      isPublic: false,
    });
    await ports.thread.create(body);
    await postReply(comment, turn, ports);
    expect(ports.posted()).toBe(body);
    expect(ports.calls).not.toContain('edit');
  });

  test('a cancel that was answered is not carried out again', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/compute 5', 1), ports);
    const first = await deliver(buildComment('/cancel', 20), ports);
    const again = await deliver(buildComment('/cancel', 20), ports);
    expect(again.sections).toEqual(first.sections);
    expect(ports.jobs.calls.filter((call) => call.startsWith('cancel'))).toHaveLength(1);
  });

  test('a job that is known is not held against the policy of now', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/compute 5'), ports);
    ports.levels['octocat'] = 'write';
    const stricter = createCommentPorts('version: 1\ncompute: {limits: {inputs: 1}}');
    const turn = await handleComment(buildComment('/compute 5'), { ...ports, policies: stricter.policies });
    expect(turn).toMatchObject({ news: false, sections: [{ kind: 'job' }] });
  });
});

describe('when the orchestrator', () => {
  test('fails for one command, the others are started, and the fault is thrown', async () => {
    const ports = createCommentPorts();
    ports.jobs.faults.push(new Error('no answer'));
    await expect(handleComment(buildComment('/compute 5\n/compute 6\n/compute 7'), ports)).rejects.toThrow(
      'no answer',
    );
    expect(listStarts(ports)).toHaveLength(3);
    expect(ports.jobs.all.size).toBe(2);
    expect((await deliver(buildComment('/compute 5\n/compute 6\n/compute 7'), ports)).reaction).toBe('eyes');
    expect(ports.jobs.all.size).toBe(3);
  });

  test('refuses, the reply names the field', async () => {
    const ports = createCommentPorts();
    const problem = {
      code: 'invalid-parameter',
      field: 'inputCount',
      message: 'm',
      expected: 'an integer from 1 to 100',
      received: '5000',
    };
    const jobs = { ...ports.jobs, start: async () => ({ outcome: 'refused', problem }) as const };
    const turn = await deliver(buildComment('/compute 5000'), { ...ports, jobs });
    expect(turn.reaction).toBe('confused');
    expect(ports.posted()).toContain('`inputCount`: expected an integer from 1 to 100, received `5000`.');
  });

  test('knows no such parameter, the reply says which there are', async () => {
    const ports = createCommentPorts();
    const { problem } = rejectUndeclaredParameter('algorithm monte-carlo-pi', 'foo', ['seed', 'samples']);
    const jobs = { ...ports.jobs, start: async () => ({ outcome: 'refused', problem }) as const };
    await deliver(buildComment('/compute 100 foo=bar'), { ...ports, jobs });
    expect(ports.posted()).toContain(
      '- The algorithm monte-carlo-pi has no parameter foo; it has seed, samples.',
    );
  });

  test('knows the id with another request, the reply says so', async () => {
    const ports = createCommentPorts();
    const problem = { code: 'conflict', field: null, message: 'm', expected: null, received: null };
    const jobs = { ...ports.jobs, start: async () => ({ outcome: 'conflict', problem }) as const };
    const turn = await handleComment(buildComment('/compute 5'), { ...ports, jobs });
    expect(turn).toMatchObject({ reaction: 'confused', sections: [{ kind: 'refusal' }] });
  });

  test('does not tell of a job, the reply shows it queued', async () => {
    const ports = createCommentPorts();
    const comment = buildComment('/compute 5');
    const turn = (await handleComment(comment, ports)) as CommentResult;
    const jobs = { ...ports.jobs, get: () => Promise.reject(new Error('no answer')) };
    await postReply(comment, turn, { ...ports, jobs });
    expect(ports.posted()).toContain('is queued');
  });
});

test('a refused reaction does not fail the reply; without a reply, it is thrown', async () => {
  const ports = createCommentPorts();
  const comment = buildComment('/compute 5');
  const turn = (await handleComment(comment, ports)) as CommentResult;
  const thread = { ...ports.thread, react: () => Promise.reject(new Error('locked')) };
  await postReply(comment, turn, { ...ports, thread });
  expect(ports.posted()).toContain('is queued');
  const known = { ...turn, news: false };
  await expect(postReply(comment, known, { ...ports, thread })).rejects.toThrow('locked');
});

test('more commands than a reply can show: nothing is started', async () => {
  const ports = createCommentPorts();
  const turn = await deliver(buildComment('/compute 5\n'.repeat(21)), ports);
  expect(turn.reaction).toBe('confused');
  expect(listStarts(ports)).toEqual([]);
  expect(ports.posted()).toContain('This comment has 21 commands; a comment can have at most 20');
});

test('a task whose definition is not right: nothing starts, and the reply says what is wrong with it', async () => {
  const ports = createCommentPorts();
  ports.jobs.tasks = async () => ({
    v: 1,
    tasks: [hello],
    invalid: [
      { name: 'Broken', message: 'The definition of Broken is not valid: not JSON: Unexpected token' },
    ],
  });
  const turn = await deliver(buildComment('/run Broken'), ports);
  expect([turn.reaction, listStarts(ports)]).toEqual(['confused', []]);
  expect(ports.posted()).toContain('not JSON');
  await deliver(buildComment('/tasks', 10), ports);
  expect(ports.posted()).toContain('**`Hello`**');
  expect(ports.posted()).toMatch(
    /cannot be run until their definitions are corrected:\n\n- `?Broken`?: .*not JSON/,
  );
});
