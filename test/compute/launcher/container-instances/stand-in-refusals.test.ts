import { request as sendRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openContainerClient, type ContainerClient } from '../../../fixtures/azure/container-client.ts';
import type { AzureOptions } from '../../../fixtures/azure/azure.ts';
import type { Fault } from '../../../fixtures/azure/faults.ts';

/* What the stand-in for Azure refuses: requests without a token or outside the published format, beyond a quota, and by scripted faults. */

let container: ContainerClient;
const open = async (options: AzureOptions = {}): Promise<ContainerClient> => {
  container = await openContainerClient({ timing: { accept: 5, pull: 10, delete: 20 }, ...options });
  return container;
};

type Sent = { method?: string; path?: string; body?: unknown; authorization?: string };

/** Sends a request as no SDK does. */
const send = async ({ method = 'GET', path, body, authorization }: Sent) => {
  const { azure, resourceGroup } = container;
  const { COXSWAIN_ACI_SUBSCRIPTION: subscription } = azure.environment;
  const token = (await azure.credential.getToken([]))?.token;
  const groups = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerInstance/containerGroups`;
  const outgoing = sendRequest(`${azure.url}${groups}${path ?? '/job?api-version=2023-05-01'}`, {
    method,
    ca: azure.ca,
    headers: { authorization: authorization ?? `Bearer ${token}` },
  });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  outgoing.once('response', resolve).once('error', reject);
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  const incoming = await promise;
  return { status: incoming.statusCode, answer: await text(incoming) };
};

/** Returns a valid body as JSON. */
const createBody = () => {
  const { resourceId } = container.azure.identities.pull;
  return {
    location: 'westeurope',
    identity: { type: 'UserAssigned', userAssignedIdentities: { [resourceId]: {} } },
    properties: {
      osType: 'Linux',
      containers: [
        {
          name: 'runner',
          properties: {
            image: 'runner:1',
            environmentVariables: [{ name: 'NAME', value: 'value' }] as object[],
            resources: { requests: { cpu: 1, memoryInGB: 1.5 } as object },
          },
        },
      ],
    },
  };
};
type Body = ReturnType<typeof createBody>;

/** What makes a body invalid, by what the refusal says about it. */
const breaks: Readonly<Record<string, (body: Body) => object>> = {
  'must NOT have additional properties': (body) => ({ ...body, extra: 1 }),
  "must have required property 'osType'": (body) => ({
    ...body,
    properties: { containers: body.properties.containers },
  }),
  provisioningState: (body) => ({
    ...body,
    properties: { ...body.properties, provisioningState: 'Succeeded' },
  }),
  'must be equal to one of the allowed values': (body) => ({
    ...body,
    properties: { ...body.properties, osType: 'BeOS' },
  }),
  'must be string': (body) => ({ ...body, tags: { number: 1 } }),
  'location is missing': ({ identity, properties }) => ({ identity, properties }),
  memoryInGB: (body) => {
    body.properties.containers[0]!.properties.resources.requests = { cpu: 1 };
    return body;
  },
  'two decimals': (body) => {
    body.properties.containers[0]!.properties.resources.requests = { cpu: 1, memoryInGB: 1.55 };
    return body;
  },
  'invalid name _NAME': (body) => withVariable(body, { name: '_NAME', value: '' }),
  'needs either value or secureValue': (body) =>
    withVariable(body, { name: 'A', value: '1', secureValue: '2' }),
  'a name occurs twice': (body) => withVariable(body, { name: 'NAME', value: '2' }),
  'does not have the identity': (body) => ({
    ...body,
    properties: { ...body.properties, imageRegistryCredentials: [{ server: 's', identity: '/other' }] },
  }),
};
const withVariable = (body: Body, variable: object): Body => {
  body.properties.containers[0]!.properties.environmentVariables.push(variable);
  return body;
};

describe('an invalid request', () => {
  beforeEach(() => open());

  test.each(Object.keys(breaks))('answers 400 and fails the test: %s', async (problem) => {
    const { status, answer } = await send({ method: 'PUT', body: breaks[problem]!(createBody()) });
    expect(status).toBe(400);
    expect(JSON.parse(answer).error.message).toContain(problem);
    await expect(container.azure.close()).rejects.toThrow(problem);
  });

  test('has an invalid name or api-version', async () => {
    const valid = createBody();
    expect(
      await send({ method: 'PUT', path: '/Not-Valid?api-version=2023-05-01', body: valid }),
    ).toMatchObject({
      status: 400,
    });
    expect(await send({ path: '/job?api-version=2018-10-01' })).toMatchObject({ status: 400 });
    await expect(container.azure.close()).rejects.toThrow(/Not-Valid.*\n.*2018-10-01/);
  });
});

describe('a request without a valid token', () => {
  beforeEach(() => open());
  afterEach(() => container.azure.close());

  test.each(['', 'Bearer other', 'Basic abc'])('answers 401: %j', async (authorization) => {
    const body = createBody();
    expect(await send({ method: 'PUT', body, authorization })).toMatchObject({ status: 401 });
    expect(container.azure.groups()).toEqual([]);
    expect(await send({ method: 'PUT', body })).toMatchObject({ status: 201 });
  });
});

describe('a quota', () => {
  afterEach(() => container.azure.close());

  test('of groups and of cores, which deleted groups free only when they are gone', async () => {
    const { put, advance, group } = await open({ quotas: { groups: 2, cores: 3 } });
    await put('a');
    await expect(
      put('b', {
        containers: [{ ...group.containers[0]!, resources: { requests: { cpu: 2.5, memoryInGB: 1 } } }],
      }),
    ).rejects.toMatchObject({
      statusCode: 409,
      code: 'ContainerGroupQuotaReached',
      message: expect.stringContaining(
        "'StandardCores' exceeded in region 'westeurope'. Limit: '3', Usage: '1'",
      ),
    });
    await put('b');
    const reached = { statusCode: 409, message: expect.stringContaining("'ContainerGroups' exceeded") };
    await expect(put('c')).rejects.toMatchObject(reached);
    await container.delete('a');
    await expect(put('c')).rejects.toMatchObject(reached);
    advance(20);
    await put('c');
  });

  test('of creates and of deletes, in sliding windows', async () => {
    const { put, azure, advance } = await open({ quotas: { callsPer5Minutes: 2, callsPerHour: 3 } });
    const retryAfter = async (call: Promise<void>): Promise<string> => {
      const error = await call.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ statusCode: 429 });
      return (error as { response: { headers: { get(name: string): string } } }).response.headers.get(
        'retry-after',
      );
    };
    await put('a');
    advance(100);
    await put('b');
    expect(await retryAfter(put('c'))).toBe('200');
    advance(200);
    await put('c');
    advance(300);
    expect(await retryAfter(put('d'))).toBe('3000');
    await container.delete('a');
    await container.delete('b');
    expect(await retryAfter(container.delete('c'))).toBe('300');
    expect(azure.groups()).toHaveLength(3);
  });
});

describe('a scripted fault', () => {
  beforeEach(() => open());
  afterEach(() => container.azure.close());
  const identity = '/subscriptions/s/identity';

  test.each<{ fault: Fault; statusCode: number; code: string; message?: string }>([
    { fault: { kind: 'throttled', retryAfterSeconds: 7 }, statusCode: 429, code: 'TooManyRequests' },
    { fault: { kind: 'quota-reached' }, statusCode: 409, code: 'ContainerGroupQuotaReached' },
    { fault: { kind: 'no-capacity' }, statusCode: 409, code: 'ServiceUnavailable' },
    { fault: { kind: 'transitioning' }, statusCode: 409, code: 'ContainerGroupTransitioning' },
    {
      fault: { kind: 'forbidden' },
      statusCode: 403,
      code: 'AuthorizationFailed',
      message: 'Microsoft.ContainerInstance/containerGroups/write',
    },
    {
      fault: { kind: 'linked-forbidden', identity },
      statusCode: 403,
      code: 'LinkedAuthorizationFailed',
      message: identity,
    },
    {
      fault: { kind: 'invalid', message: 'why' },
      statusCode: 400,
      code: 'InvalidRequestContent',
      message: 'why',
    },
    {
      fault: { kind: 'inaccessible-image' },
      statusCode: 400,
      code: 'InaccessibleImage',
      message: 'runner:1',
    },
    { fault: { kind: 'server-error', status: 503 }, statusCode: 503, code: 'InternalServerError' },
  ])('$fault.kind answers $statusCode once', async ({ fault, statusCode, code, message = '' }) => {
    const { azure, put } = container;
    azure.addFault(fault);
    await expect(put('job')).rejects.toMatchObject({
      statusCode,
      code,
      message: expect.stringContaining(message),
    });
    expect(azure.groups()).toEqual([]);
    await put('job');
  });

  test('happens to its operation and group, as often as it says', async () => {
    const { azure, put, get } = container;
    azure.addFault({ kind: 'server-error', operation: 'get', group: 'b', times: 2 });
    await put('a');
    await put('b');
    await get('a');
    await expect(get('b')).rejects.toMatchObject({ statusCode: 500 });
    await expect(get('b')).rejects.toMatchObject({ statusCode: 500 });
    await get('b');
  });

  test('loses the answer of a request that takes effect, or the request', async () => {
    const { azure, put } = container;
    azure.addFault({ kind: 'answer-lost' });
    await expect(put('a')).rejects.toMatchObject({
      code: expect.stringMatching(/ECONNRESET|REQUEST_SEND_ERROR/),
    });
    expect(azure.groups().map(({ name }) => name)).toEqual(['a']);
    azure.addFault({ kind: 'connection-reset' });
    await expect(put('b')).rejects.toMatchObject({
      code: expect.stringMatching(/ECONNRESET|REQUEST_SEND_ERROR/),
    });
    expect(azure.groups().map(({ name }) => name)).toEqual(['a']);
  });
});
