import { expect, test } from '@jest/globals';
import { findMixedScripts } from '../../../chatops/command/index.ts';

test.each([
  '',
  'web-1',
  'ñandú, Ærøskøbing, a\u0301',
  'привет',
  'привет hello',
  'Привет.txt',
  'αβγ/abc',
  '5 Ω, 10 µs',
  '名前',
  'ひらがなカタカナー漢字abc',
  'ㄅㄆ漢字abc',
  '한국어漢字abc',
  'שלום',
  '🚣‍♀️ crew',
])('%s mixes no scripts', (text) => expect(findMixedScripts(text)).toEqual([]));

test.each([
  ['w\u0435b-1', 'Latin', 'Cyrillic'],
  ['web-\u0430', 'Latin', 'Cyrillic'],
  ['one two th\u03bfee', 'Latin', 'Greek'],
  ['\u13aaa', 'Cherokee', 'Latin'],
  ['ひㄅ', 'Hiragana', 'Bopomofo'],
  ['한ひ', 'Hangul', 'Hiragana'],
  ['漢\u0430', 'Han', 'Cyrillic'],
  ['a\u{10280}', 'Latin', 'another script'],
  ['w\u0435b a\u03bf', 'Latin', 'Cyrillic', 'Greek'],
])('%s mixes %s, %s', (text, ...scripts) => expect(findMixedScripts(text)).toEqual(scripts));
