import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { inspect } from 'node:util';
import { maskSecrets } from '../../runtime/log.ts';
import { registerSecret, maskRegisteredSecrets } from '../../runtime/secrets.ts';

const random = (bytes: number): string => randomBytes(bytes).toString('base64');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a secret that was read', () => {
  const secret = `${random(24)} "quo\\ted" & wörd!*'()~`;
  registerSecret(secret);
  const inJson = JSON.stringify({ a: { deep: [secret] } });

  test.each([
    ['as it is', secret],
    ['in JSON', inJson],
    ['in JSON within JSON', JSON.stringify({ body: inJson })],
    ['encoded for a URL', encodeURIComponent(secret)],
    [
      'encoded for a URL, in small letters',
      encodeURIComponent(secret).replaceAll(/%../g, (code) => code.toLowerCase()),
    ],
    ['as a form sends it', new URLSearchParams({ secret }).toString()],
    ['in the query of a URL within a URL', encodeURIComponent(`http://h/?key=${encodeURIComponent(secret)}`)],
    ['in base64', base64(secret)],
    ['in base64, one byte on', base64(`x${secret}`)],
    ['in base64, two bytes on', base64(`xy${secret}`)],
    ['in base64, with more behind', base64(`user:${secret}:and more`)],
    ['in base64 for URLs', Buffer.from(`xy${secret}`).toString('base64url')],
    ['in base64, encoded for a URL', encodeURIComponent(base64(`xy${secret}`))],
    ['in hexadecimal', Buffer.from(`x${secret}y`).toString('hex')],
    ['in a Buffer, as JSON', JSON.stringify({ body: Buffer.from(`x${secret}y`) })],
    ['in a Buffer, as JSON within JSON', JSON.stringify({ body: JSON.stringify([Buffer.from(secret)]) })],
    ['in a Buffer, as shown', inspect({ body: Buffer.from(secret) })],
    ['in JSON, in base64', base64(JSON.stringify({ xy: secret }))],
    [
      'as .NET writes JSON',
      JSON.stringify(secret)
        .replaceAll('+', String.raw`\u002B`)
        .replaceAll('&', String.raw`\u0026`)
        .replaceAll("'", String.raw`\u0027`),
    ],
    ['as PHP writes JSON', JSON.stringify(secret).replaceAll('/', String.raw`\/`)],
    ['in the message of an error', String(new Error(`no: ${secret}`))],
    ['twice on a line', `${secret} ${secret}`],
  ])('is masked %s', (_, text) => {
    const shown = maskRegisteredSecrets(`before ${text} after`);
    expect(shown).toMatch(/^before .*\[redacted\].* after$/s);
    // No part of it that tells the rest: neither of it nor of what it decodes to.
    const left = shown.replaceAll('[redacted]', '\n');
    for (const seen of [
      left,
      ...(left.match(/[\w+/=-]{8,}/g) ?? []).map((part) => Buffer.from(part, 'base64').toString()),
    ])
      expect(seen).not.toContain(secret.slice(4, 12));
  });

  test('whatever it is, and wherever it stands', () => {
    const values = fc
      .string({ unit: 'grapheme', minLength: 8, maxLength: 40 })
      .filter((value) => value.trim().length >= 8);
    fc.assert(
      fc.property(values, fc.string(), fc.string(), (value, before, after) => {
        registerSecret(value);
        const bare = value.trim();
        for (const form of [
          bare,
          JSON.stringify(bare).slice(1, -1),
          encodeURIComponent(bare.toWellFormed()),
          base64(bare).replaceAll('=', ''),
        ])
          expect(maskRegisteredSecrets(before + form + after)).not.toContain(form);
      }),
      { numRuns: 200 },
    );
  });
});

test('of a connection string and of a link, the key and the signature are secrets by themselves', () => {
  const [key, signature] = [random(64), random(32)];
  registerSecret(
    `DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=${key};EndpointSuffix=core.windows.net`,
  );
  registerSecret(`https://acme.blob.core.windows.net/a?sv=1&sig=${encodeURIComponent(signature)}&se=2`);
  for (const text of [key, encodeURIComponent(key), base64(key), signature, encodeURIComponent(signature)]) {
    expect(maskRegisteredSecrets(`x ${text}.`)).not.toContain(text.slice(0, 20));
  }
  expect(maskRegisteredSecrets('AccountName=acme;EndpointSuffix=core.windows.net')).toContain('acme');
});

test('a key in base64 is one without its padding, and written for URLs, too', () => {
  const key = Buffer.concat([Buffer.from([0xfb, 0xff, 0xbf]), randomBytes(61)]).toString('base64');
  expect(key).toMatch(/^[+]\/.*==$/);
  registerSecret(key);
  const bare = key.replace(/=+$/, '');
  for (const text of [bare, bare.replaceAll('+', '-').replaceAll('/', '_')])
    expect(maskRegisteredSecrets(`> ${text}`)).toBe('> [redacted]');
});

test('each line of a key in PEM is one, except the lines that every key has', () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  registerSecret(privateKey);
  const lines = privateKey.trim().split('\n');
  for (const line of lines.slice(1, -1)) expect(maskRegisteredSecrets(`> ${line}`)).toBe('> [redacted]');
  expect(maskRegisteredSecrets(lines[0]!)).toBe(lines[0]);
  const der = createPrivateKey(privateKey).export({ type: 'pkcs8', format: 'der' }).toString('base64');
  expect(maskRegisteredSecrets(der).replaceAll('[redacted]', '').length).toBeLessThan(8);
  expect(maskRegisteredSecrets(JSON.stringify({ privateKey }))).not.toContain(lines[1]);
  // As a file of the set-up page would be in a Kubernetes secret.
  const file = maskRegisteredSecrets(base64(JSON.stringify({ id: 1, privateKey })));
  for (const part of file.split('[redacted]'))
    expect(Buffer.from(part, 'base64').toString().length).toBeLessThan(40);
});

describe('a secret that ends', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  test('is masked until then, and its forms that another has are masked on', () => {
    jest.useFakeTimers({ now: 1_000_000 });
    const [token, longer] = ['token-0123456789', 'token-0123456789-abcdef'];
    registerSecret(token, 1_060_000);
    registerSecret(longer, 1_120_000);
    expect(maskRegisteredSecrets(`${token}, ${longer}`)).toBe('[redacted], [redacted]');
    jest.setSystemTime(1_060_000);
    expect(maskRegisteredSecrets(`${token}, ${longer}`)).toBe(`${token}, [redacted]`);
    jest.setSystemTime(1_120_000);
    expect(maskRegisteredSecrets(`${token}, ${longer}`)).toBe(`${token}, ${longer}`);
  });

  test('is masked for as long as anybody has it: registered again, the later end counts', () => {
    jest.useFakeTimers({ now: 1_000_000 });
    registerSecret('shared-token-0123', 1_010_000);
    registerSecret('shared-token-0123', 1_030_000);
    registerSecret('shared-token-0123', 1_020_000);
    jest.setSystemTime(1_029_999);
    expect(maskRegisteredSecrets('shared-token-0123')).toBe('[redacted]');
    jest.setSystemTime(1_030_000);
    expect(maskRegisteredSecrets('shared-token-0123')).toBe('shared-token-0123');
    registerSecret('shared-token-0123', 1_000_000);
    expect(maskRegisteredSecrets('shared-token-0123')).toBe('shared-token-0123');
  });
});

test('values that are too short are not masked by value', () => {
  registerSecret('hunter2');
  registerSecret('  ab  ');
  registerSecret(undefined);
  expect(maskRegisteredSecrets('hunter2  ab  undefined')).toBe('hunter2  ab  undefined');
});

test('secrets that are recognized by their form are masked, whoever owns them', () => {
  const jwt = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${random(40).replaceAll(/\W/g, '')}.${random(60).replaceAll(/\W/g, '')}`;
  for (const [text, shown] of [
    [`Bearer ${jwt} end`, 'Bearer [redacted] end'],
    ['ghs_0123456789abcdefghij end', '[redacted] end'],
    ['github_pat_11AAAAAA0abcdefghijkl end', '[redacted] end'],
    ['GET /a?sv=1&sig=aB%2Fc%3D&se=2', 'GET /a?sv=1&sig=[redacted]&se=2'],
    ['next=%2Fa%3Fsv%3D1%26sig%3DaB%252Fc end', 'next=%2Fa%3Fsv%3D1%26sig%3D[redacted] end'],
    ['AccountName=a;AccountKey=abc/def==;x=1', 'AccountName=a;AccountKey=[redacted];x=1'],
  ] as const)
    expect(maskSecrets(text)).toBe(shown);
});
