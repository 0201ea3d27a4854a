import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Redactor } from '../../../compute/runner/log/redactor.ts';

const redacted = (secrets: string[], chunks: (string | Buffer)[]): string => {
  const redactor = new Redactor(secrets);
  return Buffer.concat([
    ...chunks.map((chunk) => redactor.push(Buffer.from(chunk))),
    redactor.end(),
  ]).toString();
};

describe('a secret in the log is masked', () => {
  test.each([
    ['as it is', ['hunter22'], 'a hunter22 b', 'a [redacted] b'],
    ['in the longest form that fits', ['abcd', 'abcdefgh'], '-abcdefgh-', '-[redacted]-'],
    ['where two overlap', ['abcdef', 'defghi'], '-abcdefghi-', '-[redacted]-'],
    [
      'URL-encoded',
      ['pa ss/wörd'],
      'x=pa%20ss%2Fw%C3%B6rd pa+ss%2fw%c3%b6rd pa%20ss%2fw%c3%b6rd',
      'x=[redacted] [redacted] [redacted]',
    ],
    ['in JSON', ['a"b\\c\nd'], '{"p":"a\\"b\\\\c\\nd"}', '{"p":"[redacted]"}'],
    ['a line of it', ['-----BEGIN-----\nMIIEvQIBADAN\n-----END-----'], '  MIIEvQIBADAN', '  [redacted]'],
    ['beyond ASCII', ['ключ🔑'], 'мой ключ🔑!', 'мой [redacted]!'],
    [
      'a SAS signature',
      [],
      'GET /a?sv=1&sig=aB%2Fc%3D&se=2 sig%3Dabc',
      'GET /a?sv=1&[redacted]&se=2 [redacted]',
    ],
    ['nothing else', ['hunter22'], 'hunter2 design=7 si', 'hunter2 design=7 si'],
  ])('%s', (_, secrets, text, expected) => expect(redacted(secrets, [text])).toBe(expected));

  test('in base64, wherever it begins in what is encoded', () => {
    const secret = 'correct horse battery';
    for (const before of ['', 'x', 'xy', 'user:']) {
      const shown = redacted([secret], [Buffer.from(`${before}${secret}\n`).toString('base64')]);
      expect(Buffer.from(shown.replace('[redacted]', ''), 'base64').toString()).not.toContain('horse');
      expect(shown).toContain('[redacted]');
    }
  });

  test('however the stream is cut, and as if it were not', () => {
    const letters = fc.string({
      unit: fc.constantFrom('a', 'b', 's', 'i', 'g', '=', ' ', '\n'),
      maxLength: 60,
    });
    const secret = fc.string({ unit: fc.constantFrom('a', 'b', 's'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        letters,
        fc.array(secret, { maxLength: 3 }),
        fc.array(fc.nat(60)),
        (text, secrets, cuts) => {
          const at = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length];
          const chunks = at.slice(1).map((end, i) => text.slice(at[i], end));
          const whole = redacted(secrets, [text]);
          expect(redacted(secrets, chunks)).toBe(whole);
          const rest = whole.replaceAll('[redacted]', '\0');
          for (const value of secrets) expect(rest).not.toContain(value);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('and text that cannot be one is not held back', () => {
    const redactor = new Redactor(['hunter22']);
    expect(redactor.push(Buffer.from('3 2 1\n')).toString()).toBe('3 2 1\n');
    expect(redactor.push(Buffer.from('hunt')).toString()).toBe('');
    expect(redactor.push(Buffer.from('ing\n')).toString()).toBe('hunting\n');
  });

  test('in bytes that are not text, which are passed unchanged', () => {
    const bytes = Buffer.from([0, 255, 254, 128, 10, 195]);
    const redactor = new Redactor(['x']);
    expect(Buffer.concat([redactor.push(bytes), redactor.end()])).toEqual(bytes);
  });
});
