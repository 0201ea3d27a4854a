import { expect, test } from '@jest/globals';
import { ArmError, toArmError } from '../../../../compute/launcher/container-instances/arm-error.ts';
import {
  classifyAnswer,
  type LaunchContext,
} from '../../../../compute/launcher/container-instances/classify-answer.ts';

const identity = { resourceId: '/subscriptions/s/identities/pull', clientId: 'c' };
const context: LaunchContext = {
  config: {
    armUrl: 'https://management.azure.com',
    subscription: 'a-subscription',
    resourceGroup: 'runners',
    region: 'westeurope',
    subnet: '/subnets/tasks',
    deployment: 'coxswain',
    limits: { groups: 100, cores: 100, callsPer5Minutes: 100, callsPerHour: 300 },
    runners: {
      identities: {},
      pullIdentity: identity,
      registry: null,
      imagePrefixes: [],
      maxCpu: 1,
      maxMemoryGb: 1.5,
    },
  },
  runner: {
    image: 'ghcr.io/acme/runner:1',
    cpu: 1,
    memoryGb: 1.5,
    identity,
    isNamedIdentity: false,
    registry: null,
  },
};

const createError = (status: number | null, code: string, detail = 'Azure says so'): ArmError =>
  new ArmError('create job', { status, code, detail, retryAfterSeconds: null, isOutcomeUnknown: false });

test.each<[status: number, code: string, detail: string, kind: string, text: string]>([
  [429, 'TooManyRequests', '', 'later', 'Azure to accept more requests'],
  [409, 'ContainerGroupQuotaReached', "quota 'StandardCores' exceeded", 'later', 'free CPU cores'],
  [409, 'ContainerGroupQuotaReached', "quota 'ContainerGroups' exceeded", 'later', 'a free container group'],
  [409, 'ServiceUnavailable', 'The requested resource is not available', 'later', 'capacity in westeurope'],
  [
    400,
    'BadRequest',
    "The requested resource is not available in the location 'westeurope' at this moment.",
    'later',
    'capacity in westeurope',
  ],
  [409, 'RegistryErrorResponse', '', 'later', 'the image’s registry'],
  [409, 'ContainerGroupTransitioning', '', 'later', 'another operation'],
  [
    409,
    'MissingSubscriptionRegistration',
    '',
    'never',
    'az provider register --namespace Microsoft.ContainerInstance',
  ],
  [409, 'ScopeLocked', 'The scope is locked', 'never', '(ScopeLocked): The scope is locked.'],
  [403, 'RequestDisallowedByPolicy', 'A policy says no.', 'never', 'A policy says no.'],
  [403, 'AuthorizationFailed', '', 'never', 'Container Instances Contributor on the resource group'],
  [
    403,
    'LinkedAuthorizationFailed',
    "action 'Microsoft.Network/virtualNetworks/subnets/join/action'",
    'never',
    'the subnet /subnets/tasks. Assign it a role with the action Microsoft.Network/virtualNetworks/subnets/join/action',
  ],
  [
    403,
    'LinkedAuthorizationFailed',
    "action 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action'",
    'never',
    'the runner identity /subscriptions/s/identities/pull. Assign it the role Managed Identity Operator',
  ],
  [404, 'ResourceGroupNotFound', '', 'never', 'The resource group runners does not exist'],
  [404, 'SubscriptionNotFound', '', 'never', 'Correct COXSWAIN_ACI_SUBSCRIPTION'],
  [400, 'InaccessibleImage', '', 'never', 'that it can be pulled without credentials'],
  [400, 'FailedIdentityOperation', 'It was not found', 'never', 'It was not found. Correct its resource id'],
  [400, 'ResourceRequestsNotSupported', 'Too much memory', 'never', 'Too much memory.'],
])('%i %s (%s) means %s', (status, code, detail, kind, text) => {
  const outcome = classifyAnswer(createError(status, code, detail), context);
  expect(outcome).toMatchObject({ kind });
  expect(JSON.stringify(outcome)).toContain(text);
});

test.each([
  [null, 'ECONNRESET'],
  [401, 'ExpiredAuthenticationToken'],
  [408, 'RequestTimeout'],
  [500, 'InternalServerError'],
  [503, 'ServiceUnavailable'],
])('%s %s means nothing', (status, code) => {
  expect(classifyAnswer(createError(status, code), context)).toBeUndefined();
});

test.each([
  ['17', 17],
  ['Tue, 01 Dec 2026 00:01:30 GMT', 90],
  ['Mon, 30 Nov 2026 00:00:00 GMT', 0],
  ['soon', null],
  // A limiter that remembered these would stop all launches.
  ['99999999', 3_600],
  ['Tue, 01 Dec 2099 00:00:00 GMT', 3_600],
])('Retry-After: %s', (text, seconds) => {
  const thrown = {
    name: 'RestError',
    statusCode: 429,
    message: 'later',
    response: { status: 429, headers: { get: () => text } },
  };
  const now = Date.parse('2026-12-01T00:00:00Z');
  const error = toArmError('create job', thrown, { now, redact: (detail) => detail });
  expect(error).toMatchObject({ status: 429, retryAfterSeconds: seconds, isOutcomeUnknown: false });
});

test.each([
  [400, false],
  [401, false],
  [408, true],
  [429, false],
  [500, true],
  [504, true],
])('whether a request that %i answers may have had an effect: %s', (status, isOutcomeUnknown) => {
  const thrown = { name: 'RestError', statusCode: status, message: 'no', response: { status } };
  expect(toArmError('create job', thrown, { now: 0, redact: String })).toMatchObject({ isOutcomeUnknown });
});
