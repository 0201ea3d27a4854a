import { describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { botSettings } from '../../bot/settings.ts';

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
  expect(botSettings(environment)).toMatchObject({
    app: { id: 7, privateKey: pem, webhookSecret: 'a secret' },
    github: { apiUrl: 'https://api.github.com', host: 'github.com', throttle: true },
    listen: { host: '127.0.0.1', port: 3000 },
  });
});

test('a key may stand in one line', () => {
  const line = pem.replaceAll('\n', String.raw`\n`);
  expect(botSettings({ ...environment, PRIVATE_KEY: line }).app.privateKey).toBe(pem);
});

describe('the host in job ids', () => {
  test.each([
    ['https://ghe.example/api/v3', undefined, 'ghe.example'],
    ['https://api.acme.ghe.com/', undefined, 'acme.ghe.com'],
    ['http://127.0.0.1:4000/api/v3', undefined, '127.0.0.1'],
    ['http://127.0.0.1:4000/api/v3', 'sandbox', 'sandbox'],
  ])('%s, %s: %s', (GITHUB_API_URL, host, expected) => {
    const given = host === undefined ? {} : { GITHUB_HOST: host };
    expect(botSettings({ ...environment, GITHUB_API_URL, ...given }).github.host).toBe(expected);
  });
});

describe('it does not start', () => {
  test.each([
    ['WEBHOOK_SECRET', ''],
    ['WEBHOOK_SECRET', undefined],
    ['PRIVATE_KEY', 'no key'],
    ['APP_ID', 'coxswain'],
    ['PORT', '70000'],
    ['TRACKER_SECONDS', '0'],
    ['EDIT_SECONDS', 'often'],
    ['GITHUB_THROTTLE', 'maybe'],
    ['ORCHESTRATOR_URL', 'somewhere'],
  ])('with %s=%s', (name, value) => {
    const given: NodeJS.ProcessEnv = { ...environment, [name]: value };
    expect(() => botSettings(given)).toThrow(
      expect.objectContaining({ name: 'SettingsError', message: expect.stringContaining(name) }),
    );
  });

  test('and does not tell a wrong secret', () => {
    expect(() => botSettings({ ...environment, PRIVATE_KEY: 'hunter2' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });
});
