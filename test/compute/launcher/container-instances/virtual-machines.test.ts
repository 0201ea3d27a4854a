import { beforeEach, expect, test } from '@jest/globals';
import { createInstanceMetadata } from '../../../fixtures/azure/instance-metadata.ts';
import type { AzureAnswer, RequestHandler } from '../../../fixtures/azure/request-handler.ts';
import { createTokenIssuer, type ManagedIdentity, type TokenIssuer } from '../../../fixtures/azure/tokens.ts';
import { createVirtualMachines, type VirtualMachines } from '../../../fixtures/azure/virtual-machines.ts';

/* Instance metadata and virtual machines, which the Azure CLI uses in `npm run verify`. */

const createIdentity = (name: string): ManagedIdentity => ({
  resourceId: `/identities/${name}`,
  clientId: `client-${name}`,
  principalId: `principal-${name}`,
});
const [operator, other] = [createIdentity('operator'), createIdentity('other')];
const subscription = '00000000-0000-4000-8000-000000000001';
const arm = 'https://management.azure.com';
const machinePath = `/subscriptions/${subscription}/resourceGroups/RG-A/providers/Microsoft.Compute/virtualMachines`;

let issuer: TokenIssuer;
let machines: VirtualMachines;
beforeEach(() => {
  issuer = createTokenIssuer();
  machines = createVirtualMachines({
    url: () => arm,
    subscription,
    issuer,
    machines: { 'rg-a': ['web-1'] },
    operators: [operator],
  });
});

const send = async (
  handle: RequestHandler,
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<AzureAnswer> => {
  const answer = await handle({ method, url: new URL(path, arm), headers, body: '' });
  if (answer === undefined || answer === 'reset') throw new Error('There was no answer.');
  return answer;
};

const callAs = (identity: ManagedIdentity, method: string, path: string): Promise<AzureAnswer> =>
  send(machines.handle, method, path, {
    authorization: `Bearer ${issuer.issue(identity, `${arm}/`).token}`,
  });

test('a machine has stopped once its operation has succeeded', async () => {
  const accepted = await callAs(operator, 'POST', `${machinePath}/web-1/powerOff?api-version=2024-11-01`);
  expect(accepted.status).toBe(202);
  const operation = accepted.headers?.['azure-asyncoperation'] ?? '';
  expect(operation).toMatch(new RegExp(`^${arm}/`));
  expect(machines.machine('rg-a', 'web-1')?.powerState).toBe('PowerState/stopping');
  expect((await callAs(operator, 'GET', operation)).body).toMatchObject({ status: 'InProgress' });
  expect((await callAs(operator, 'GET', operation)).body).toMatchObject({ status: 'Succeeded' });
  expect(machines.machine('rg-a', 'web-1')?.powerState).toBe('PowerState/stopped');
});

test('an identity without the right stops nothing, and sees no subscription', async () => {
  const refused = await callAs(other, 'POST', `${machinePath}/web-1/powerOff?api-version=2024-11-01`);
  expect(refused).toMatchObject({ status: 403, body: { error: { code: 'AuthorizationFailed' } } });
  expect(machines.machine('rg-a', 'web-1')?.powerState).toBe('PowerState/running');
  const path = '/subscriptions?api-version=2022-12-01';
  expect((await callAs(other, 'GET', path)).body).toEqual({ value: [] });
  expect((await callAs(operator, 'GET', path)).body).toMatchObject({
    value: [{ subscriptionId: subscription, state: 'Enabled' }],
  });
});

test('a request without a token of this issuer, or for an unknown machine, is refused', async () => {
  const path = `${machinePath}/web-1/powerOff`;
  expect(await send(machines.handle, 'POST', path, { authorization: 'Bearer a.b.c' })).toMatchObject({
    status: 401,
  });
  expect(await callAs(operator, 'POST', `${machinePath}/web-2/powerOff`)).toMatchObject({ status: 404 });
});

test.each([
  ['an identity by its client ID', [operator, other], '&client_id=client-operator', 200, /client-operator/],
  ['the only identity', [operator], '', 200, /client-operator/],
  ['one of several identities', [operator, other], '', 400, /Multiple user assigned identities exist/],
  ['an identity that the group lacks', [operator], '&client_id=client-other', 400, /Identity not found/],
  ['a group without an identity', [], '', 400, /Identity not found/],
] as const)('instance metadata: %s', async (_name, identities, query, status, text) => {
  const handle = createInstanceMetadata({ issuer, identities: () => identities });
  const path = `/metadata/identity/oauth2/token?api-version=2018-02-01&resource=${encodeURIComponent(`${arm}/`)}${query}`;
  const answer = await send(handle, 'GET', path, { metadata: 'true' });
  expect(answer.status).toBe(status);
  expect(JSON.stringify(answer.body)).toMatch(text);
  // A request that a proxy forwards without the Metadata header gets nothing.
  expect(await send(handle, 'GET', path)).toMatchObject({ status: 400 });
});
