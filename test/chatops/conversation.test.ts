import { describe, expect, test } from '@jest/globals';
import type { TaskDefinition } from '../../compute/client/index.ts';
import type { IncomingComment, Level } from '../../chatops/github/port.ts';
import { converse, reply, type ConversationPorts, type Turn } from '../../chatops/conversation.ts';
import { readMarker, refreshReply } from '../../chatops/reply/index.ts';
import { commentOf } from './job/comments.ts';
import { memoryJobs, type MemoryJobs } from './job/memory-jobs.ts';
import { computed } from './reply/jobs.ts';

const hello: TaskDefinition = {
  taskName: 'Hello',
  dockerImage: 'busybox',
  scriptName: 'hello.sh',
  scriptParameters: [{ parameterName: 'who', parameterType: 'string', required: true, secret: false }],
};

type Scene = ConversationPorts & { jobs: MemoryJobs; asked: string[]; posted: () => string | undefined };

/** GitHub as far as a conversation sees it: one thread with one reply, and a record of what was done there. */
const scene = (level: Level = 'write', isPublic = false): Scene => {
  const asked: string[] = [];
  let body: string | undefined;
  const write = (call: string) => async (text: string) => {
    asked.push(call);
    body = text;
    return { id: 77, body: text };
  };
  return {
    asked,
    posted: () => body,
    jobs: memoryJobs([hello]),
    permissions: { level: async (_repository, { login }) => (asked.push(`level ${login}`), level) },
    visibility: { isPublic: async () => isPublic },
    thread: {
      findReply: async () => (asked.push('find'), body === undefined ? undefined : { id: 77, body }),
      create: write('create'),
      edit: async (_id, text) => void (await write('edit')(text)),
      react: async (comment, reaction) => void asked.push(`react ${comment} ${reaction}`),
    },
  };
};

const deliver = async (comment: IncomingComment, ports: ConversationPorts): Promise<Turn> => {
  const turn = await converse(comment, ports);
  if (!turn) throw new Error('no command was found');
  await reply(comment, turn, ports);
  return turn;
};

const starts = ({ jobs }: Scene): string[] => jobs.asked.filter((call) => call.startsWith('start'));

test('a comment without a command: nobody is asked anything', async () => {
  const ports = scene();
  expect(await converse(commentOf('Shall we use `/compute 10`?'), ports)).toBeUndefined();
  expect([ports.asked, ports.jobs.asked]).toEqual([[], []]);
});

test('a command: the job is started, then 👀 and one reply', async () => {
  const ports = scene();
  const comment = commentOf('/compute 1000');
  const turn = await converse(comment, ports);
  expect([ports.asked, ports.jobs.asked]).toEqual([['level octocat'], ['start /compute 1000']]);
  await reply(comment, turn as Turn, ports);
  expect(ports.asked.toSorted()).toEqual(['create', 'find', 'level octocat', 'react 9 eyes']);
  expect(ports.posted()).toContain('⏳ **`/compute 1000`** is queued.');
});

test('several commands: each has a section, in the order of the comment; the permission is read once', async () => {
  const ports = scene();
  const turn = await deliver(
    commentOf('/help\n/run Hello who=world\n/compute abc\n/compute 5\n/compute 5'),
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
  expect(ports.asked.filter((call) => call.startsWith('level'))).toHaveLength(1);
  expect(ports.jobs.all.size).toBe(3);
  expect(ports.posted()).toMatch(
    /Hello who=world`\*\* is queued[^]*compute[^]*was not carried out[^]*compute 5`\*\* is queued/,
  );
  expect(readMarker(ports.posted() ?? '')?.jobs).toHaveLength(3);
});

describe('who may', () => {
  test('without write access nothing starts, and the reply says why', async () => {
    const ports = scene('read');
    const turn = await deliver(commentOf('/compute 5\n/run Nope\n/run Hello who="\n/cancel'), ports);
    expect(turn.reaction).toBe('confused');
    expect(ports.jobs.asked).toEqual([]);
    expect(ports.posted()).toContain(
      '**`/compute 5`** needs **write** access to this repository; `octocat` has **read**.',
    );
    expect(ports.posted()).not.toMatch(/missing|closed|no such/);
  });

  test('everyone may ask for help; tasks are for those who may read', async () => {
    const ports = scene('none');
    const turn = await deliver(commentOf('/help\n/tasks'), ports);
    expect(turn.sections.map(({ kind }) => kind)).toEqual(['answer', 'refusal']);
  });
});

test('what is wrong with a command is told whole: its form, and what the catalogue knows', async () => {
  const ports = scene();
  await deliver(commentOf('/run Hello shoe=1 zone="eu'), ports);
  expect(ports.posted()).toMatch(
    /who is missing[^]*no such parameter[^]*received `shoe`[^]*quote is not closed/,
  );
  expect(ports.jobs.asked).toEqual(['tasks']);
});

describe('the same comment again', () => {
  test('many deliveries at once: one start each, the same answer', async () => {
    const ports = scene();
    const turns = await Promise.all(
      Array.from({ length: 10 }, () => converse(commentOf('/compute 5'), ports)),
    );
    expect(ports.jobs.all.size).toBe(1);
    expect(new Set(turns.map((turn) => JSON.stringify(turn))).size).toBe(1);
    for (const turn of turns) await reply(commentOf('/compute 5'), turn as Turn, ports);
    expect(ports.asked.filter((call) => call === 'create')).toHaveLength(1);
    expect(ports.asked).not.toContain('edit');
  });

  test('after the job has ended: the reply tells its end', async () => {
    const ports = scene();
    const comment = commentOf('/compute 5');
    await deliver(comment, ports);
    const [job] = [...ports.jobs.all.values()];
    ports.jobs.all.set(job!.id, computed({ id: job!.id, origin: job!.origin }));
    await deliver(comment, ports);
    expect(ports.jobs.all.size).toBe(1);
    expect(ports.posted()).toContain('**`/compute 5`** completed in');
  });

  test('a reply that the tracker made meanwhile is found and kept', async () => {
    const ports = scene();
    const comment = commentOf('/compute 5');
    const turn = (await converse(comment, ports)) as Turn;
    const { body } = refreshReply(undefined, {
      comment: 9,
      jobs: [...ports.jobs.all.values()],
      isPublic: false,
    });
    await ports.thread.create(body);
    await reply(comment, turn, ports);
    expect(ports.posted()).toBe(body);
    expect(ports.asked).not.toContain('edit');
  });

  test('a cancel that was answered is not carried out again', async () => {
    const ports = scene();
    await deliver(commentOf('/compute 5', 1), ports);
    await deliver(commentOf('/compute 6', 2), { ...ports, thread: scene().thread });
    const own = { ...ports, thread: scene().thread };
    const first = await deliver(commentOf('/cancel', 20), own);
    const again = await deliver(commentOf('/cancel', 20), own);
    expect(again).toEqual(first);
    expect(ports.jobs.asked.filter((call) => call.startsWith('cancel'))).toHaveLength(1);
    expect([...ports.jobs.all.values()].map(({ state }) => state)).toEqual(['queued', 'canceled']);
  });
});

describe('when the orchestrator', () => {
  test('fails for one command, the others are started, and the fault is thrown', async () => {
    const ports = scene();
    ports.jobs.faults.push(new Error('no answer'));
    await expect(converse(commentOf('/compute 5\n/compute 6\n/compute 7'), ports)).rejects.toThrow(
      'no answer',
    );
    expect(starts(ports)).toHaveLength(3);
    expect(ports.jobs.all.size).toBe(2);
    expect((await deliver(commentOf('/compute 5\n/compute 6\n/compute 7'), ports)).reaction).toBe('eyes');
    expect(ports.jobs.all.size).toBe(3);
  });

  test('refuses, the reply names the field', async () => {
    const ports = scene();
    const problem = {
      code: 'invalid-parameter',
      field: 'inputCount',
      message: 'm',
      expected: 'an integer from 1 to 100',
      received: '5000',
    };
    const jobs = { ...ports.jobs, start: async () => ({ outcome: 'refused', problem }) as const };
    const turn = await deliver(commentOf('/compute 5000'), { ...ports, jobs });
    expect(turn.reaction).toBe('confused');
    expect(ports.posted()).toContain('`inputCount`: expected an integer from 1 to 100, received `5000`.');
  });

  test('knows the id with another request, the reply says so', async () => {
    const ports = scene();
    await deliver(commentOf('/compute 5'), ports);
    const problem = { code: 'conflict', field: null, message: 'm', expected: null, received: null };
    const jobs = { ...ports.jobs, start: async () => ({ outcome: 'conflict', problem }) as const };
    const turn = await converse(commentOf('/compute 5'), { ...ports, jobs });
    expect(turn).toMatchObject({ reaction: 'confused', sections: [{ kind: 'refusal' }] });
  });

  test('does not tell of a job, the reply shows it queued', async () => {
    const ports = scene();
    const jobs = { ...ports.jobs, get: () => Promise.reject(new Error('no answer')) };
    await deliver(commentOf('/compute 5'), { ...ports, jobs });
    expect(ports.posted()).toContain('is queued');
  });
});

test('a reaction that GitHub refuses does not hold up the reply, and is thrown', async () => {
  const ports = scene();
  const comment = commentOf('/compute 5');
  const turn = (await converse(comment, ports)) as Turn;
  const thread = { ...ports.thread, react: () => Promise.reject(new Error('locked')) };
  await expect(reply(comment, turn, { ...ports, thread })).rejects.toThrow('locked');
  expect(ports.posted()).toContain('is queued');
});

test('more commands than a reply can show: nothing is started', async () => {
  const ports = scene();
  const turn = await deliver(commentOf('/compute 5\n'.repeat(21)), ports);
  expect(turn.reaction).toBe('confused');
  expect(starts(ports)).toEqual([]);
  expect(ports.posted()).toContain('This comment holds 21 commands; at most 20');
});

test('a task whose definition is not right: nothing starts, and the reply says what is wrong with it', async () => {
  const ports = scene();
  ports.jobs.tasks = async () => ({
    v: 1,
    tasks: [hello],
    invalid: [
      { name: 'Broken', message: 'The definition of Broken is not valid: not JSON: Unexpected token' },
    ],
  });
  const turn = await deliver(commentOf('/run Broken'), ports);
  expect([turn.reaction, starts(ports)]).toEqual(['confused', []]);
  expect(ports.posted()).toContain('not JSON');
});
