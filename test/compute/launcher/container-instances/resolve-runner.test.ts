import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as v from 'valibot';
import {
  readRunnerConfig,
  resolveRunner,
} from '../../../../compute/launcher/container-instances/resolve-runner.ts';
import { ContainerRunnerSettings } from '../../../../compute/launcher/container-instances/runner-settings.ts';
import { runnerLimits, TaskDefinition, type TaskRunner } from '../../../../contracts/task-definition.ts';
import { readSettings } from '../../../../runtime/settings.ts';

const subscription = '00000000-0000-4000-8000-000000000000';
const createIdentity = (name: string, digit: string) => ({
  resourceId: `/subscriptions/${subscription}/resourceGroups/runners/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
  clientId: `${digit.repeat(8)}-0000-4000-8000-000000000000`,
});
const pull = createIdentity('runner-pull', '1');
const operator = createIdentity('vm-operator', '2');
const environment = {
  COXSWAIN_PULL_IDENTITY: JSON.stringify(pull),
  COXSWAIN_RUNNER_IDENTITIES: JSON.stringify({ 'vm-operator': operator }),
  COXSWAIN_REGISTRY: 'acme.azurecr.io',
  COXSWAIN_IMAGE_PREFIXES: 'mcr.microsoft.com/azure-cli, ghcr.io/acme, registry.example:5000',
};

const resolve = (image: string, runner?: TaskRunner, changes: NodeJS.ProcessEnv = {}) => {
  const config = readRunnerConfig(readSettings(ContainerRunnerSettings, { ...environment, ...changes }));
  if (!config) throw new Error('expected a pull identity');
  return resolveRunner(image, runner, config);
};
const digest = `sha256:${'a'.repeat(64)}`;

describe('the image of a runner', () => {
  test.each([
    ['runner', 'acme.azurecr.io/runner'],
    ['coxswain-runner:latest', 'acme.azurecr.io/coxswain-runner:latest'],
    ['team/tools/runner:1.2_3-x', 'acme.azurecr.io/team/tools/runner:1.2_3-x'],
    [`runner@${digest}`, `acme.azurecr.io/runner@${digest}`],
    [`runner:1.2@${digest}`, `acme.azurecr.io/runner:1.2@${digest}`],
    ['acme.azurecr.io/runner:1', 'acme.azurecr.io/runner:1'],
  ])('%s comes from the registry, with the identity', (image, expected) => {
    expect(resolve(image)).toMatchObject({
      ok: true,
      value: { image: expected, registry: 'acme.azurecr.io' },
    });
  });

  test.each([
    'mcr.microsoft.com/azure-cli',
    'mcr.microsoft.com/azure-cli:2.90.0',
    `mcr.microsoft.com/azure-cli@${digest}`,
    'ghcr.io/acme/tools:1',
    'ghcr.io/acme/deep/tools',
    'registry.example:5000/anything',
  ])('%s comes from where a prefix allows, without credentials', (image) => {
    expect(resolve(image)).toMatchObject({ ok: true, value: { image, registry: null } });
  });

  test.each([
    'ghcr.io/acme-evil/tools',
    'ghcr.io/acmeevil',
    'ghcr.io/acm',
    'ghcr.io.evil.example/acme/tools',
    'mcr.microsoft.com/azure-cli-evil',
    'mcr.microsoft.com/azure-cli.evil/x',
    'mcr.microsoft.com/other',
    'mcr.microsoft.com:443/azure-cli',
    'registry.example/anything',
    'registry.example:5001/anything',
    'acme.azurecr.io.evil.example/runner',
    'acme.azurecr.io:8443/runner',
    'localhost/runner',
    'docker.io/library/node',
  ])('%s is refused, with the settings that allow an image', (image) => {
    expect(resolve(image)).toEqual({
      ok: false,
      message: `The image ${image} comes from a registry that is not allowed. Add the registry or its path to COXSWAIN_IMAGE_PREFIXES, or push the image to COXSWAIN_REGISTRY and name it without a registry.`,
    });
  });

  test.each([
    '',
    ' runner',
    'runner\n',
    'runner latest',
    'Runner',
    'GHCR.io/acme/tools',
    'ghcr.io/Acme/tools',
    'mona:hunter2@ghcr.io/acme/tools',
    'ghcr.io@evil.example/acme/tools',
    'ghcr.io/acme/../evil',
    'ghcr.io/acme/./tools',
    'ghcr.io/acme//tools',
    'ghcr.io//acme/tools',
    '/runner',
    'runner/',
    'https://ghcr.io/acme/tools',
    'ghcr.io/acme/tools?x',
    'ghcr.io/acme/tools#x',
    'ghcr.io/acme/tools%2f..',
    String.raw`ghcr.io\acme`,
    'ghcr.io/аcme/tools', // A Cyrillic а.
    'ghcr。io/acme/tools', // An ideographic full stop, which IDNA maps to a dot.
    'ghcr.io./acme/tools',
    '.ghcr.io/acme/tools',
    'under_score.example/tools',
    'runner:',
    'runner:-x',
    `runner:${'t'.repeat(129)}`,
    'runner@sha256:abc',
    `runner@${digest}:latest`,
    `runner@${digest.toUpperCase()}`,
    '[::1]:5000/runner',
    `ghcr.io/acme/${'a'.repeat(260)}`,
  ])('%j is refused as invalid, and not quoted, because it can contain a password', (image) => {
    const resolved = resolve(image);
    expect(resolved).toEqual({
      ok: false,
      message:
        'The dockerImage in the task’s definition is not the name of an image. Write it in lower case as [REGISTRY/]NAME[:TAG][@sha256:DIGEST], without a user name.',
    });
  });

  test('without a host requires a registry', () => {
    expect(resolve('runner', {}, { COXSWAIN_REGISTRY: '' })).toEqual({
      ok: false,
      message:
        'The image runner names no registry, and COXSWAIN_REGISTRY is not set. Set it to the registry of your images, or name a registry in the definition’s dockerImage.',
    });
    expect(resolve('ghcr.io/acme/tools', {}, { COXSWAIN_REGISTRY: '' })).toMatchObject({
      ok: true,
      value: { image: 'ghcr.io/acme/tools', registry: null },
    });
  });

  test('comes from no other registry by default', () => {
    expect(resolve('ghcr.io/acme/tools', {}, { COXSWAIN_IMAGE_PREFIXES: '' })).toMatchObject({ ok: false });
  });

  test('is always below the registry or a prefix, whatever the definition says', () => {
    const roots = [
      'acme.azurecr.io/',
      'mcr.microsoft.com/azure-cli/',
      'ghcr.io/acme/',
      'registry.example:5000/',
    ];
    const part = fc.oneof(
      fc.constantFrom(
        'ghcr.io',
        'acme',
        'acme.azurecr.io',
        'mcr.microsoft.com',
        'azure-cli',
        'registry.example',
      ),
      fc.constantFrom(
        'evil',
        '..',
        '.',
        '',
        ':5000',
        ':443',
        '@',
        '/',
        '//',
        '%2f',
        '\\',
        '\u0000',
        '\u2044',
        '-',
        'A',
      ),
      fc.string({ maxLength: 4, unit: 'binary' }),
    );
    const image = fc
      .array(fc.tuple(part, fc.constantFrom('', '/', '.', ':', '@', '-')), { maxLength: 6 })
      .map((parts) => parts.flat().join(''));
    let resolvedImages = 0;
    fc.assert(
      fc.property(image, (text) => {
        const resolved = resolve(text);
        if (!resolved.ok) return;
        resolvedImages += 1;
        const { image: found, registry } = resolved.value;
        // An image can be the prefix itself, as in `ghcr.io/acme:1`.
        const name = found.replace(/@.*$/, '').replace(/:[^/]*$/, '');
        expect(roots.some((root) => `${name}/`.startsWith(root))).toBe(true);
        expect(registry).toBe(found.startsWith('acme.azurecr.io/') ? 'acme.azurecr.io' : null);
        expect(found).toMatch(/^[a-z0-9.:-]+\/[a-z0-9/._-]+(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/);
        // The text is a suffix of what runs, so the definition shows what runs.
        expect(found.endsWith(text)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
    expect(resolvedImages).toBeGreaterThan(0);
  });

  test('accepts every valid name below a prefix', () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,8}(?:[._-][a-z0-9]{1,8})?$/);
    const tag = fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/), { nil: undefined });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), tag, (words, version) => {
        const image = `ghcr.io/acme/${words.join('/')}${version === undefined ? '' : `:${version}`}`;
        expect(resolve(image)).toMatchObject({ ok: true, value: { image, registry: null } });
      }),
    );
  });
});

describe('the identity of a runner', () => {
  test('is the pull identity if the definition names none', () => {
    const expected = { ok: true, value: { identity: pull, isNamedIdentity: false } };
    expect(resolve('runner')).toMatchObject(expected);
    expect(resolve('runner', { cpu: 1 })).toMatchObject(expected);
  });

  test('is the one that the definition names', () => {
    expect(resolve('runner', { identity: 'vm-operator' })).toMatchObject({
      ok: true,
      value: { identity: operator, isNamedIdentity: true, registry: 'acme.azurecr.io' },
    });
  });

  test.each(['VM-operator', 'owner', 'constructor', 'toString', 'hasOwnProperty'])(
    'is none of the orchestrator’s if the definition names %s, which has no entry',
    (identity) => {
      expect(resolve('runner', { identity })).toEqual({
        ok: false,
        message: `The task’s definition asks for the runner identity ${identity}, which COXSWAIN_RUNNER_IDENTITIES does not contain. Add it to the setting, or correct runner.identity in the definition.`,
      });
    },
  );
});

test.each(readdirSync('compute/tasks').filter((name) => name.endsWith('.json')))(
  'the sample %s runs with the settings of docs/azure.md',
  (name) => {
    const { dockerImage, runner } = v.parse(
      TaskDefinition,
      JSON.parse(readFileSync(`compute/tasks/${name}`, 'utf8')),
    );
    expect(resolve(dockerImage, runner, { COXSWAIN_IMAGE_PREFIXES: '' })).toMatchObject({
      ok: true,
      value: { registry: 'acme.azurecr.io', isNamedIdentity: name === 'StopVM.json' },
    });
    expect(readFileSync('docs/azure.md', 'utf8')).toContain(runner?.identity ?? 'runner-pull');
  },
);

describe('the size of a runner', () => {
  test('is 1 CPU and 1.5 GB if the definition names none', () => {
    expect(resolve('runner')).toMatchObject({ ok: true, value: { cpu: 1, memoryGb: 1.5 } });
  });

  test('is at most 1 CPU and 1.5 GB by default', () => {
    expect(resolve('runner', { cpu: 1.1 })).toEqual({
      ok: false,
      message:
        'The task’s definition asks for 1.1 CPUs, but COXSWAIN_RUNNER_MAX_CPU allows at most 1. Lower runner.cpu in the definition, or raise the setting.',
    });
    expect(resolve('runner', { memoryGb: 2 })).toEqual({
      ok: false,
      message:
        'The task’s definition asks for 2 GB of memory, but COXSWAIN_RUNNER_MAX_MEMORY_GB allows at most 1.5. Lower runner.memoryGb in the definition, or raise the setting.',
    });
  });

  test('never exceeds the settings', () => {
    const tenths = (min: number, max: number) =>
      fc.integer({ min: min * 10, max: max * 10 }).map((n) => n / 10);
    const cpus = tenths(runnerLimits.minCpu, runnerLimits.maxCpu);
    const memories = tenths(runnerLimits.minMemoryGb, runnerLimits.maxMemoryGb);
    const optional = (value: fc.Arbitrary<number>) => fc.option(value, { nil: undefined });
    fc.assert(
      fc.property(
        optional(cpus),
        optional(memories),
        cpus,
        memories,
        (cpu, memoryGb, maxCpu, maxMemoryGb) => {
          const resolved = resolve(
            'runner',
            { cpu, memoryGb },
            {
              COXSWAIN_RUNNER_MAX_CPU: String(maxCpu),
              COXSWAIN_RUNNER_MAX_MEMORY_GB: String(maxMemoryGb),
            },
          );
          const fits = (cpu ?? 0) <= maxCpu && (memoryGb ?? 0) <= maxMemoryGb;
          expect(resolved).toMatchObject(
            fits
              ? { ok: true, value: { cpu: cpu ?? 1, memoryGb: memoryGb ?? Math.min(1.5, maxMemoryGb) } }
              : { ok: false },
          );
        },
      ),
    );
  });
});

describe('the settings of runners', () => {
  const read = (changes: NodeJS.ProcessEnv) => () =>
    readSettings(ContainerRunnerSettings, { ...environment, ...changes });

  test('need no identities', () => {
    expect(readRunnerConfig(read({ COXSWAIN_RUNNER_IDENTITIES: '' })())).toMatchObject({ identities: {} });
    expect(readRunnerConfig(read({ COXSWAIN_PULL_IDENTITY: '' })())).toBeUndefined();
  });

  test.each([
    [{ COXSWAIN_PULL_IDENTITY: 'runner-pull' }, 'COXSWAIN_PULL_IDENTITY: expected {"resourceId":"…"'],
    [
      { COXSWAIN_PULL_IDENTITY: '{}' },
      'COXSWAIN_PULL_IDENTITY.resourceId: expected an object with resourceId and clientId, received nothing. Get both',
    ],
    [
      { COXSWAIN_PULL_IDENTITY: JSON.stringify({ ...pull, clientId: 'runner-pull' }) },
      'COXSWAIN_PULL_IDENTITY.clientId: expected the client id of the identity, a GUID, received "runner-pull". Get both values with: az identity show',
    ],
    [
      { COXSWAIN_RUNNER_IDENTITIES: JSON.stringify({ vm: { ...pull, resourceId: '/subscriptions/x' } }) },
      'COXSWAIN_RUNNER_IDENTITIES.vm.resourceId: expected the resource id of a user-assigned',
    ],
    [
      { COXSWAIN_RUNNER_IDENTITIES: JSON.stringify({ '../vm': pull }) },
      'COXSWAIN_RUNNER_IDENTITIES.../vm: expected the name of an identity',
    ],
    [{ COXSWAIN_RUNNER_IDENTITIES: '[]' }, 'COXSWAIN_RUNNER_IDENTITIES: expected an object'],
    [{ COXSWAIN_REGISTRY: 'https://acme.azurecr.io' }, 'COXSWAIN_REGISTRY: expected the host of a registry'],
    [{ COXSWAIN_REGISTRY: 'acme' }, 'COXSWAIN_REGISTRY: expected the host of a registry'],
    [{ COXSWAIN_REGISTRY: 'acme.azurecr.io/team' }, 'COXSWAIN_REGISTRY: expected the host of a registry'],
    [{ COXSWAIN_REGISTRY: 'Acme.azurecr.io' }, 'COXSWAIN_REGISTRY: expected the host of a registry'],
    [
      { COXSWAIN_IMAGE_PREFIXES: '*' },
      'COXSWAIN_IMAGE_PREFIXES: expected a comma-separated list of registries',
    ],
    [
      { COXSWAIN_IMAGE_PREFIXES: 'ghcr.io/' },
      'COXSWAIN_IMAGE_PREFIXES: expected a comma-separated list of registries',
    ],
    [
      { COXSWAIN_IMAGE_PREFIXES: 'ghcr.io,,' },
      'COXSWAIN_IMAGE_PREFIXES: expected a comma-separated list of registries',
    ],
    [
      { COXSWAIN_IMAGE_PREFIXES: 'acme/tools' },
      'COXSWAIN_IMAGE_PREFIXES: expected a comma-separated list of registries',
    ],
    [
      { COXSWAIN_IMAGE_PREFIXES: 'ghcr.io/acme:1' },
      'COXSWAIN_IMAGE_PREFIXES: expected a comma-separated list of registries',
    ],
    [{ COXSWAIN_RUNNER_MAX_CPU: '0' }, 'COXSWAIN_RUNNER_MAX_CPU: expected a number from 1 to 31'],
    [{ COXSWAIN_RUNNER_MAX_CPU: '1.25' }, 'COXSWAIN_RUNNER_MAX_CPU: expected a number from 1 to 31'],
    [
      { COXSWAIN_RUNNER_MAX_MEMORY_GB: '1e2' },
      'COXSWAIN_RUNNER_MAX_MEMORY_GB: expected a number from 1 to 240',
    ],
  ])('are refused if they are not valid: %j', (changes, message) => {
    expect(read(changes)).toThrow(message);
  });
});
