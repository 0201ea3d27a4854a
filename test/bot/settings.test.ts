import { describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { readBotSettings, hasAppSettings, readUnregisteredSettings } from '../../bot/settings.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const environment = {
  APP_ID: '7',
  PRIVATE_KEY: pem,
  WEBHOOK_SECRET: 'a secret',
  ORCHESTRATOR_URL: 'http://127.0.0.1:7071',
  ORCHESTRATOR_KEY: 'a key',
};

test('the defaults are those of github.com', () => {
  expect(readBotSettings(environment)).toMatchObject({
    app: { id: 7, privateKey: pem, webhookSecret: 'a secret' },
    github: {
      apiUrl: 'https://api.github.com',
      webUrl: 'https://github.com',
      host: 'github.com',
      throttle: true,
    },
    listen: { host: '127.0.0.1', port: 3000 },
    metrics: undefined,
    seconds: { edit: 30, sweep: 180 },
    writesPerHour: 300,
    auditStorage: undefined,
    webhookProxy: undefined,
  });
});

test('a key can be in one line', () => {
  const line = pem.replaceAll('\n', String.raw`\n`);
  expect(readBotSettings({ ...environment, PRIVATE_KEY: line }).app.privateKey).toBe(pem);
});

describe('the host in job ids', () => {
  test.each([
    ['https://ghe.example/api/v3', undefined, 'ghe.example'],
    ['https://api.acme.ghe.com/', undefined, 'acme.ghe.com'],
    ['http://127.0.0.1:4000/api/v3', undefined, '127.0.0.1'],
    ['http://127.0.0.1:4000/api/v3', 'sandbox', 'sandbox'],
  ])('%s, %s: %s', (GITHUB_API_URL, host, expected) => {
    const given = host === undefined ? {} : { GITHUB_HOST: host };
    expect(readBotSettings({ ...environment, GITHUB_API_URL, ...given }).github.host).toBe(expected);
  });
});

describe('GHE_HOST', () => {
  test.each([
    ['ghe.example', 'https://ghe.example/api/v3', 'https://ghe.example', 'ghe.example'],
    ['ghe.example:8443', 'https://ghe.example:8443/api/v3', 'https://ghe.example:8443', 'ghe.example'],
    ['acme.ghe.com', 'https://api.acme.ghe.com', 'https://acme.ghe.com', 'acme.ghe.com'],
    ['github.com', 'https://api.github.com', 'https://github.com', 'github.com'],
  ])('%s', (GHE_HOST, apiUrl, webUrl, host) => {
    expect(readBotSettings({ ...environment, GHE_HOST }).github).toMatchObject({ apiUrl, webUrl, host });
  });
});

describe('without an app', () => {
  const { ORCHESTRATOR_URL, ORCHESTRATOR_KEY } = environment;

  test('the other settings are read, and the path of the app file', () => {
    expect(hasAppSettings({ ORCHESTRATOR_URL, APP_ID: '' })).toBe(false);
    expect(readUnregisteredSettings({ ORCHESTRATOR_URL, ORCHESTRATOR_KEY })).toMatchObject({
      appFile: '.coxswain/app.json',
      orchestrator: { url: ORCHESTRATOR_URL },
    });
  });

  test('missing settings are reported before there is a page', () => {
    expect(() => readUnregisteredSettings({ ORCHESTRATOR_URL })).toThrow('ORCHESTRATOR_KEY');
  });

  test('a part of an app is a mistake, not a reason to set up', () => {
    expect(hasAppSettings({ WEBHOOK_SECRET: 'a secret' })).toBe(true);
  });
});

test('the channel of webhooks is for development', () => {
  const given = { ...environment, WEBHOOK_PROXY_URL: 'https://smee.example/abc' };
  expect(readBotSettings(given).webhookProxy).toBe('https://smee.example/abc');
  expect(() => readBotSettings({ ...given, NODE_ENV: 'production' })).toThrow('WEBHOOK_PROXY_URL');
});

test('a bot with leases in storage polls every two minutes while nothing happens; otherwise as while no job runs', () => {
  const read = (more: NodeJS.ProcessEnv) => readBotSettings({ ...environment, ...more });
  const storage = 'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=YQ==';
  expect(read({})).toMatchObject({ leaseStorage: undefined, seconds: { trackerIdle: undefined } });
  expect(read({ LEASE_STORAGE: storage })).toMatchObject({
    leaseStorage: storage,
    seconds: { trackerIdle: 120 },
  });
  expect(read({ TRACKER_IDLE_SECONDS: '10' }).seconds.trackerIdle).toBe(10);
  expect(read({ LEASE_STORAGE: storage, TRACKER_IDLE_SECONDS: '600' }).seconds.trackerIdle).toBe(600);
});

test('two bots have different names', () => {
  expect(readBotSettings(environment).instance).not.toBe(readBotSettings(environment).instance);
});

describe('it does not start', () => {
  test.each([
    ['WEBHOOK_SECRET', ''],
    ['WEBHOOK_SECRET', undefined],
    ['PRIVATE_KEY', 'no key'],
    ['APP_ID', 'coxswain'],
    ['PORT', '70000'],
    ['TRACKER_SECONDS', '0'],
    ['TRACKER_IDLE_SECONDS', '3601'],
    ['LEASE_STORAGE', 'mystorage'],
    ['AUDIT_STORAGE', 'mystorage'],
    ['LEASE_STORAGE', 'http://storage.example/account?sig=a'],
    ['EDIT_SECONDS', 'often'],
    ['GITHUB_THROTTLE', 'maybe'],
    ['ORCHESTRATOR_URL', 'somewhere'],
    ['GHE_HOST', 'https://ghe.example'],
    ['SWEEP_SECONDS', 'never'],
    ['PUBLIC_URL', 'bot.example'],
  ])('with %s=%s', (name, value) => {
    const given: NodeJS.ProcessEnv = { ...environment, [name]: value };
    expect(() => readBotSettings(given)).toThrow(
      expect.objectContaining({ name: 'SettingsError', message: expect.stringContaining(name) }),
    );
  });

  test('and does not print a wrong secret', () => {
    expect(() => readBotSettings({ ...environment, PRIVATE_KEY: 'hunter2' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });
});
