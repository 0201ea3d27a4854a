import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { keys, openTestFunctionsHost, type TestFunctionsHost } from '../../fixtures/functions-host.ts';

/* The Durable HTTP API, row by row of its contract. */

const base = '/runtime/webhooks/durabletask';
let functionsHost: TestFunctionsHost;
beforeEach(async () => {
  functionsHost = await openTestFunctionsHost();
});
afterEach(() => functionsHost.close());

let count = 0;
/** A new instance that waits. */
const waiting = async (input: unknown = null): Promise<string> => {
  count += 1;
  const id = `waits-${count}`;
  await functionsHost.host.client.start('Waits', id, input);
  return id;
};
const endedWith = async (data: unknown): Promise<string> => {
  const id = await waiting({ a: 1 });
  await functionsHost.host.client.raiseEvent(id, 'Go', data);
  await functionsHost.ended(id);
  return id;
};
const instance = (id: string, rest = ''): string => `${base}/instances/${id}${rest}`;
const textOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  await response.text(),
];
type Uris = Record<
  'id' | 'statusQueryGetUri' | 'sendEventPostUri' | 'terminatePostUri' | 'purgeHistoryDeleteUri',
  string
>;

describe('the system key', () => {
  test('opens the API as ?code= and as a header; nothing else does', async () => {
    const id = await waiting();
    for (const [path, headers, status] of [
      [instance(id, `?code=${keys.system}`), {}, 202],
      [instance(id), { 'x-functions-key': keys.system }, 202],
      [instance(id), {}, 401],
      [instance(id, '?code='), {}, 401],
      [instance(id, `?code=${keys.function}`), {}, 401],
      [instance('unknown'), {}, 401],
      [`${base}/nothing`, {}, 401],
    ] as const) {
      const response = await fetch(`${functionsHost.url}${path}`, { headers });
      expect([path, response.status]).toEqual([path, status]);
    }
  });
});

describe('start', () => {
  test('202 with Location, Retry-After and URIs that work', async () => {
    const response = await functionsHost.call('POST', `${base}/orchestrators/Waits`, { body: { n: 1 } });
    expect(response.status).toBe(202);
    expect(response.headers.get('retry-after')).toBe('10');
    const uris = (await response.json()) as Uris;
    expect(Object.keys(uris).sort()).toEqual([
      'id',
      'purgeHistoryDeleteUri',
      'restartPostUri',
      'resumePostUri',
      'rewindPostUri',
      'sendEventPostUri',
      'statusQueryGetUri',
      'suspendPostUri',
      'terminatePostUri',
    ]);
    expect(response.headers.get('location')).toBe(uris.statusQueryGetUri);
    const status = await fetch(uris.statusQueryGetUri);
    expect(status.headers.get('location')).toBe(uris.statusQueryGetUri);
    expect(await status.json()).toMatchObject({ name: 'Waits', instanceId: uris.id, input: { n: 1 } });
    const headers = { 'content-type': 'application/json' };
    const event = await fetch(uris.sendEventPostUri.replace('{eventName}', 'Go'), {
      method: 'POST',
      headers,
      body: '7',
    });
    expect(await textOf(event)).toEqual([202, '']);
    await functionsHost.ended(uris.id);
    expect((await fetch(uris.terminatePostUri.replace('{text}', 'late'), { method: 'POST' })).status).toBe(
      410,
    );
    expect((await fetch(uris.purgeHistoryDeleteUri, { method: 'DELETE' })).status).toBe(200);
  });

  test('an empty body means no input', async () => {
    const response = await functionsHost.call('POST', `${base}/orchestrators/Waits/empty`);
    expect(response.status).toBe(202);
    expect(await functionsHost.host.client.status('empty')).toMatchObject({ input: null });
  });

  test('400 for bad JSON, a bad id, an unknown function', async () => {
    for (const [path, body] of [
      ['Waits', '{'],
      ['Waits/@x', '1'],
      ['Waits/a%2Fb', '1'],
      ['Nope', '1'],
    ]) {
      const response = await functionsHost.call('POST', `${base}/orchestrators/${path}`, { body });
      expect([path, response.status]).toEqual([path, 400]);
      expect(Object.keys((await response.json()) as object)).toEqual(['Message']);
    }
  });

  test('409 while the id lives; an ended one is replaced', async () => {
    const id = await waiting('first');
    const again = await functionsHost.call('POST', `${base}/orchestrators/Waits/${id}`, { body: '"second"' });
    expect(again.status).toBe(409);
    expect(await again.json()).toEqual({
      Message: 'An Orchestration instance with the status Running already exists.',
    });
    await functionsHost.host.client.terminate(id, '');
    expect(
      (await functionsHost.call('POST', `${base}/orchestrators/Waits/${id}`, { body: '"second"' })).status,
    ).toBe(202);
    expect(await functionsHost.host.client.status(id)).toMatchObject({
      runtimeStatus: 'Running',
      input: 'second',
    });
  });

  test('a foreign task hub is refused', async () => {
    expect((await functionsHost.call('POST', `${base}/orchestrators/Waits?taskHub=other`)).status).toBe(400);
  });
});

describe('status', () => {
  test('202 with Location and Retry-After while it lives, times to the second', async () => {
    const id = await waiting({ a: 1 });
    const response = await functionsHost.call('GET', instance(id));
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe(`${functionsHost.url}${instance(id)}`);
    expect(response.headers.get('retry-after')).toBe('5');
    const body = (await response.json()) as Record<string, unknown>;
    expect(body).toMatchObject({
      name: 'Waits',
      instanceId: id,
      runtimeStatus: 'Running',
      input: { a: 1 },
      customStatus: null,
      output: null,
    });
    expect([body['createdTime'], body['lastUpdatedTime']]).toEqual(
      Array(2).fill(expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)),
    );
    expect(Object.keys(body)).toHaveLength(8);
    await functionsHost.host.client.suspend(id);
    expect((await functionsHost.call('GET', instance(id))).status).toBe(202);
  });

  test('200 when it has ended, 500 for a failure if that is asked for, 404 for an unknown one', async () => {
    const good = await endedWith('data');
    const bad = await endedWith({ fail: true });
    const stopped = await waiting();
    await functionsHost.host.client.terminate(stopped, 'enough');
    const goodAnswer = await functionsHost.call(
      'GET',
      instance(good, '?returnInternalServerErrorOnFailure=true'),
    );
    expect([goodAnswer.status, goodAnswer.headers.get('location')]).toEqual([200, null]);
    expect(await goodAnswer.json()).toMatchObject({
      runtimeStatus: 'Completed',
      output: 'data',
      customStatus: { got: 'data' },
    });
    expect((await functionsHost.call('GET', instance(bad))).status).toBe(200);
    const badAnswer = await functionsHost.call(
      'GET',
      instance(bad, '?returnInternalServerErrorOnFailure=true'),
    );
    expect(badAnswer.status).toBe(500);
    expect(await badAnswer.json()).toMatchObject({
      runtimeStatus: 'Failed',
      output: "Orchestrator function 'Waits' failed: as asked",
    });
    const stoppedAnswer = await functionsHost.call('GET', instance(stopped));
    expect([stoppedAnswer.status, await stoppedAnswer.json()]).toMatchObject([
      200,
      { runtimeStatus: 'Terminated', output: 'enough' },
    ]);
    expect(await textOf(await functionsHost.call('GET', instance('unknown')))).toEqual([404, '']);
  });

  test('input, history and its results come as they are asked for', async () => {
    await functionsHost.host.client.start('Echoes', 'echoes', 'ping');
    await functionsHost.ended('echoes');
    const get = async (query: string) =>
      (await (await functionsHost.call('GET', instance('echoes', query))).json()) as Record<string, unknown>;
    expect(await get('?showInput=false')).toMatchObject({ input: null });
    expect(await get('?showHistory=true')).toMatchObject({
      historyEvents: [
        { EventType: 'ExecutionStarted', FunctionName: 'Echoes' },
        { EventType: 'TaskCompleted', FunctionName: 'echo' },
        { EventType: 'ExecutionCompleted', OrchestrationStatus: 'Completed' },
      ],
    });
    const { historyEvents } = (await get('?showHistory=true&showHistoryOutput=true')) as {
      historyEvents: unknown[];
    };
    expect(historyEvents[1]).toMatchObject({ Result: 'ping' });
  });
});

describe('the list', () => {
  test('200 with an array, filtered, in pages by a header', async () => {
    for (const n of [1, 2, 3]) await functionsHost.host.client.start('Waits', `list-${n}`, n);
    await functionsHost.host.client.terminate('list-2', '');
    const list = async (query: string, headers = {}) => {
      const response = await functionsHost.call('GET', `${base}/instances?instanceIdPrefix=list-&${query}`, {
        headers,
      });
      const ids = ((await response.json()) as { instanceId: string }[]).map(({ instanceId }) => instanceId);
      return { ids, next: response.headers.get('x-ms-continuation-token') };
    };
    expect(await list('')).toEqual({ ids: ['list-3', 'list-2', 'list-1'], next: null });
    expect((await list('runtimeStatus=Running,pending')).ids).toEqual(['list-3', 'list-1']);
    expect(
      (await list('createdTimeFrom=2000-01-01T00:00:00Z&createdTimeTo=2000-01-02T00:00:00Z')).ids,
    ).toEqual([]);
    const first = await list('top=2');
    expect(first.ids).toEqual(['list-3', 'list-2']);
    expect(await list('top=2', { 'x-ms-continuation-token': first.next })).toEqual({
      ids: ['list-1'],
      next: null,
    });
  });

  test('400 for invalid filters', async () => {
    for (const query of ['top=0', 'top=x', 'createdTimeFrom=soon', 'runtimeStatus=Rowing']) {
      expect([query, (await functionsHost.call('GET', `${base}/instances?${query}`)).status]).toEqual([
        query,
        400,
      ]);
    }
    const headers = { 'x-ms-continuation-token': 'abc' };
    expect((await functionsHost.call('GET', `${base}/instances`, { headers })).status).toBe(400);
  });
});

describe('terminate, suspend, resume', () => {
  test.each(['terminate', 'suspend', 'resume'])(
    '%s: 202, 404 unknown, 410 ended, with empty bodies',
    async (operation) => {
      const id = await waiting();
      expect(
        await textOf(await functionsHost.call('POST', instance(id, `/${operation}?reason=why`))),
      ).toEqual([202, '']);
      expect(await textOf(await functionsHost.call('POST', instance('unknown', `/${operation}`)))).toEqual([
        404,
        '',
      ]);
      expect(
        await textOf(await functionsHost.call('POST', instance(await endedWith(1), `/${operation}`))),
      ).toEqual([410, '']);
    },
  );

  test('have the effect they are named for', async () => {
    const id = await waiting();
    await functionsHost.call('POST', instance(id, '/suspend'));
    expect(await functionsHost.host.client.status(id)).toMatchObject({ runtimeStatus: 'Suspended' });
    await functionsHost.call('POST', instance(id, '/resume'));
    expect(await functionsHost.host.client.status(id)).toMatchObject({ runtimeStatus: 'Running' });
    await functionsHost.call('POST', instance(id, '/terminate?reason=no%20wind'));
    expect(await functionsHost.host.client.status(id)).toMatchObject({
      runtimeStatus: 'Terminated',
      output: 'no wind',
    });
  });
});

describe('raiseEvent', () => {
  test('checks in the order 404, 410, 400', async () => {
    const id = await waiting();
    const ended = await endedWith(1);
    const wrong = { body: '{', headers: { 'content-type': 'text/plain' } };
    expect(
      await textOf(await functionsHost.call('POST', instance('unknown', '/raiseEvent/Go'), wrong)),
    ).toEqual([404, '']);
    expect(await textOf(await functionsHost.call('POST', instance(ended, '/raiseEvent/Go'), wrong))).toEqual([
      410,
      '',
    ]);
    const [status, text] = await textOf(
      await functionsHost.call('POST', instance(id, '/raiseEvent/Go'), wrong),
    );
    expect([status, JSON.parse(text)]).toEqual([
      400,
      { Message: 'Only application/json request content is supported' },
    ]);
    for (const [event, body] of [
      ['Go', '{'],
      ['17', '1'],
    ]) {
      const response = await functionsHost.call('POST', instance(id, `/raiseEvent/${event}`), { body });
      expect([event, response.status, Object.keys((await response.json()) as object)]).toEqual([
        event,
        400,
        ['Message'],
      ]);
    }
  });

  test('202, and the event arrives', async () => {
    const id = await waiting();
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    expect(
      await textOf(
        await functionsHost.call('POST', instance(id, '/raiseEvent/Go'), { body: '{"ü":1}', headers }),
      ),
    ).toEqual([202, '']);
    await functionsHost.ended(id);
    expect(await functionsHost.host.client.status(id)).toMatchObject({ output: { ü: 1 } });
  });
});

describe('rewind', () => {
  test('404 unknown, 412 not failed, 501 otherwise', async () => {
    const statuses = [];
    for (const id of ['unknown', await waiting(), await endedWith({ fail: true })]) {
      statuses.push((await functionsHost.call('POST', instance(id, '/rewind?reason=x'))).status);
    }
    expect(statuses).toEqual([404, 412, 501]);
  });
});

describe('restart', () => {
  test('as start, with the same function and input; 400 unknown', async () => {
    const id = await endedWith(1);
    const response = await functionsHost.call('POST', instance(id, '/restart'));
    expect([response.status, response.headers.get('retry-after')]).toEqual([202, '10']);
    const { id: other } = (await response.json()) as Uris;
    expect(other).not.toBe(id);
    expect(await functionsHost.host.client.status(other)).toMatchObject({
      name: 'Waits',
      input: { a: 1 },
      runtimeStatus: 'Running',
    });
    expect((await functionsHost.call('POST', instance('unknown', '/restart'))).status).toBe(400);
  });

  test('under the same id only once it has ended: 409', async () => {
    const id = await endedWith(1);
    expect(
      (await functionsHost.call('POST', instance(id, '/restart?restartWithNewInstanceId=false'))).status,
    ).toBe(202);
    expect(await functionsHost.host.client.status(id)).toMatchObject({
      runtimeStatus: 'Running',
      output: null,
    });
    expect(
      (await functionsHost.call('POST', instance(id, '/restart?restartWithNewInstanceId=false'))).status,
    ).toBe(409);
  });
});

describe('purge', () => {
  test('one: 200 with the number, 404 unknown, 412 while it lives', async () => {
    const id = await endedWith(1);
    const response = await functionsHost.call('DELETE', instance(id));
    expect([response.status, await response.json()]).toEqual([200, { instancesDeleted: 1 }]);
    expect(await textOf(await functionsHost.call('DELETE', instance(id)))).toEqual([404, '']);
    expect((await functionsHost.call('DELETE', instance(await waiting()))).status).toBe(412);
  });

  test('by time: 200, 404 if there is none, 400 without createdTimeFrom', async () => {
    await endedWith(1);
    const from = `${base}/instances?createdTimeFrom=2000-01-01T00:00:00Z`;
    const response = await functionsHost.call('DELETE', `${from}&runtimeStatus=Completed`);
    expect(response.status).toBe(200);
    expect(((await response.json()) as { instancesDeleted: number }).instancesDeleted).toBeGreaterThan(0);
    expect(await textOf(await functionsHost.call('DELETE', `${from}&runtimeStatus=Completed`))).toEqual([
      404,
      '',
    ]);
    expect(await textOf(await functionsHost.call('DELETE', `${from}&runtimeStatus=Running`))).toEqual([
      404,
      '',
    ]);
    expect((await functionsHost.call('DELETE', `${base}/instances`)).status).toBe(400);
  });
});

test('there is nothing else', async () => {
  expect((await functionsHost.call('GET', `${base}/entities`)).status).toBe(404);
  expect((await functionsHost.call('PUT', `${base}/instances`)).status).toBe(404);
});
