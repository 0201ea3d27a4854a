import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { keys, openTestFunctionsHost, type TestFunctionsHost } from '../../fixtures/functions-host.ts';

const path = '/runtime/webhooks/eventgrid?functionName=ComputeComplete';
const got: unknown[][] = [];
let functionsHost: TestFunctionsHost;
beforeEach(async () => {
  functionsHost = await openTestFunctionsHost({
    events: [
      {
        name: 'ComputeComplete',
        handle: async (events) => {
          if ((events[0] as { id?: string }).id === 'broken') throw new Error('a fault');
          got.push([...events]);
        },
      },
    ],
  });
});
afterEach(() => functionsHost.close());
beforeEach(() => void (got.length = 0));

const notification = { 'aeg-event-type': 'Notification' };
const event = {
  id: 'e1',
  eventType: 'Microsoft.Storage.BlobCreated',
  subject: '/blobServices/default/containers/output/blobs/a',
};

test('an array of events reaches its function as it came', async () => {
  const response = await functionsHost.call('POST', path, {
    body: [event, { ...event, id: 'e2' }],
    headers: notification,
  });
  expect([response.status, await response.text()]).toEqual([202, '']);
  expect(got).toEqual([[event, { ...event, id: 'e2' }]]);
});

test('so do CloudEvents, alone and as an array', async () => {
  const cloud = {
    specversion: '1.0',
    id: 'c',
    type: 'Microsoft.Storage.BlobCreated',
    source: '/s',
    data: {},
  };
  const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
  expect((await functionsHost.call('POST', path, { body: cloud, headers })).status).toBe(202);
  expect((await functionsHost.call('POST', path, { body: [cloud, cloud], headers })).status).toBe(202);
  expect(got).toEqual([[cloud], [cloud, cloud]]);
});

test('Event Grid makes sure that the endpoint wants its events', async () => {
  const headers = { 'aeg-event-type': 'SubscriptionValidation' };
  const validation = [
    {
      id: 'v',
      eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      data: { validationCode: 'C0DE' },
    },
  ];
  const response = await functionsHost.call('POST', path, { body: validation, headers });
  expect([response.status, await response.json()]).toEqual([200, { validationResponse: 'C0DE' }]);
  expect((await functionsHost.call('POST', path, { body: [event], headers })).status).toBe(400);
  expect(got).toEqual([]);
});

test('CloudEvents do so by OPTIONS', async () => {
  const response = await functionsHost.call('OPTIONS', path, {
    headers: { 'webhook-request-origin': 'eventgrid.azure.net' },
  });
  expect([response.status, response.headers.get('webhook-allowed-origin')]).toEqual([
    200,
    'eventgrid.azure.net',
  ]);
  expect((await functionsHost.call('OPTIONS', path)).status).toBe(400);
});

test('a wrong key, an unknown function and an invalid body are refused', async () => {
  expect((await functionsHost.call('POST', path, { key: keys.function, body: [event] })).status).toBe(401);
  expect(
    (
      await fetch(`${functionsHost.url}${path}&code=${keys.system}`, {
        method: 'POST',
        body: JSON.stringify([event]),
      })
    ).status,
  ).toBe(202);
  const unknown = await functionsHost.call('POST', '/runtime/webhooks/eventgrid?functionName=Nope', {
    body: [event],
  });
  expect([unknown.status, await unknown.json()]).toEqual([404, { Message: "cannot find function: 'Nope'" }]);
  for (const body of ['{', '7', '[1]', '']) {
    expect([body, (await functionsHost.call('POST', path, { body, headers: notification })).status]).toEqual([
      body,
      400,
    ]);
  }
  expect((await functionsHost.call('GET', path)).status).toBe(405);
});

test('a function that fails makes Event Grid deliver again', async () => {
  expect(
    (await functionsHost.call('POST', path, { body: [{ ...event, id: 'broken' }], headers: notification }))
      .status,
  ).toBe(500);
});

test('an unsubscription is accepted, and not passed to a function', async () => {
  const headers = { 'aeg-event-type': 'Unsubscribe' };
  expect(
    (await functionsHost.call('POST', path, { body: [{ subscriptionName: 's' }], headers })).status,
  ).toBe(202);
  expect(got).toEqual([]);
});
