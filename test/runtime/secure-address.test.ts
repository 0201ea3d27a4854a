import { describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { readSettings, setting } from '../../runtime/settings.ts';
import { findAddressProblem, findStorageProblem } from '../../runtime/secure-address.ts';

const allowing = (names: string) => ({ COXSWAIN_ALLOW_HTTP: names });

describe('a credential', () => {
  test.each([
    'https://orchestrator.example.com',
    'https://10.0.0.7:8443/x',
    'https://blobs.example.com/x?sv=1&sig=abc',
    'http://127.0.0.1:7071',
    'http://127.8.9.1',
    'http://0x7f.1/',
    'http://localhost:7071',
    'http://LOCALHOST.:7071',
    'http://[::1]:7071',
  ])('can be sent to %s', (address) => {
    expect(findAddressProblem(address, {})).toBeUndefined();
  });

  test.each([
    'http://orchestrator.example.com',
    'http://10.0.0.7',
    'http://0.0.0.0',
    'http://[::]',
    'http://127.evil.example',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'http://evil.localhost',
    'http://127.0.0.1@evil.example',
    'http://127.0.0.1:80@evil.example',
    'http://user:secret@127.0.0.1',
    'https://user:secret@orchestrator.example.com',
    'http://evil.example\\@127.0.0.1',
    'ftp://127.0.0.1',
    'file:///etc/passwd',
    'orchestrator.example.com',
    '',
  ])('cannot be sent to %s', (address) => {
    expect(findAddressProblem(address, {})).toMatch(/^an https address/);
  });

  test.each(['http_proxy', 'HTTPS_PROXY', 'all_proxy'])(
    'may go by http only to names of this machine that are called without the proxy that %s names',
    (name) => {
      const behindProxy = { [name]: 'http://proxy.example:3128' };
      for (const host of ['127.0.0.1:7071', 'localhost', 'LOCALHOST', '[::1]', '0x7f.1'])
        expect(findAddressProblem(`http://${host}/`, behindProxy)).toBeUndefined();
      for (const host of ['127.0.0.2', '127.8.9.1:7071', 'localhost.', '[::ffff:127.0.0.1]'])
        expect(findAddressProblem(`http://${host}/`, behindProxy)).toMatch(/^an https address/);
      expect(
        findAddressProblem('http://127.0.0.2', { ...behindProxy, ...allowing('127.0.0.2') }),
      ).toBeUndefined();
    },
  );

  test('can be sent over http only to hosts in the setting', () => {
    const named = allowing('orchestrator.coxswain.svc, Storage.internal.,10.0.0.7 [fd00::1]');
    for (const host of ['orchestrator.coxswain.svc:7071', 'STORAGE.internal', '10.0.0.7', '[fd00::1]:80'])
      expect(findAddressProblem(`http://${host}/x`, named)).toBeUndefined();
    for (const host of [
      'svc',
      'x.orchestrator.coxswain.svc',
      'orchestrator.coxswain.svc.evil.example',
      '10.0.0.70',
    ])
      expect(findAddressProblem(`http://${host}/x`, named)).toMatch(/^an https address/);
  });

  test.each(['*', '*.svc', 'http://a.svc', 'a.svc:80', '.svc', 'a/b'])(
    'is not sent anywhere while the setting holds %s',
    (names) => {
      expect(findAddressProblem('https://a.example', allowing(names))).toContain('COXSWAIN_ALLOW_HTTP');
    },
  );
});

const https =
  'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net';

describe('the key of a storage account', () => {
  test.each([
    https,
    'BlobEndpoint=http://127.0.0.1:1/a;QueueEndpoint=http://127.0.0.1:2/a;DefaultEndpointsProtocol=http;AccountName=a;AccountKey=b',
    'UseDevelopmentStorage=true',
    'https://a.blob.core.windows.net/?sv=1&sig=x',
  ])('may be used with %s', (storage) => {
    expect(findStorageProblem(storage, {})).toBeUndefined();
  });

  test.each([
    https.replace('https', 'http'),
    https.replace('https', 'HTTP'),
    `${https};BlobEndpoint=http://a.example/`,
    `${https}; queueendpoint = http://a.example/`,
    `BlobSecondaryEndpoint=http://a.example;${https}`,
    'BlobEndpoint=http://a.example;SharedAccessSignature=sv=1&sig=x',
    'UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://a.example',
    'http://a.blob.core.windows.net/?sv=1&sig=x',
    'BlobEndpoint=a.example;AccountName=a;AccountKey=b',
  ])('may not be used with %s', (storage) => {
    expect(findStorageProblem(storage, {})).toMatch(/^an https address/);
  });
});

test('a program does not start with such a setting, and does not print its secret', () => {
  const Schema = v.object({
    ORCHESTRATOR_URL: setting('The orchestrator.', v.optional(v.string()), { checks: [findAddressProblem] }),
    COXSWAIN_STORAGE: setting('The storage.', v.optional(v.string()), { checks: [findStorageProblem] }),
  });
  const environment = {
    ORCHESTRATOR_URL: 'http://orchestrator.ns.svc',
    COXSWAIN_STORAGE: 'BlobEndpoint=http://storage.ns.svc;AccountName=a;AccountKey=geheim',
  };
  const read = (more: object) => () => readSettings(Schema, { ...environment, ...more });
  expect(read({})).toThrow(
    /ORCHESTRATOR_URL: expected an https address \(http is allowed only for this machine and for hosts in COXSWAIN_ALLOW_HTTP\), received "http:\/\/orchestrator\.ns\.svc"\n {2}COXSWAIN_STORAGE: expected an https address .*, received another value/,
  );
  expect(read({})).not.toThrow(/geheim/);
  expect(read(allowing('orchestrator.ns.svc,storage.ns.svc'))()).toEqual(environment);
});
