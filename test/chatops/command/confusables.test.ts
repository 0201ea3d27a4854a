import { expect, test } from '@jest/globals';
import { findConfusables, mayBeReordered } from '../../../chatops/command/index.ts';

test.each([
  '',
  'web-1',
  'привет мир',
  'αβγδ',
  '名前',
  'שלום',
  'é',
  '5 µs',
  'a…b',
  '™',
  '🚣 crew',
  'ﬁ',
  'один',
])('%j contains no lookalikes of ASCII', (text) => expect(findConfusables(text)).toEqual([]));

test.each([
  ['web\u20101', '\u2010'],
  ['prod\u2024eu', '\u2024'],
  ['data\u2215tmp', '\u2215'],
  ['ｗeb', 'ｗ'],
  ['\u{1d430}eb', '\u{1d430}'],
  ['1\u037e 2', '\u037e'],
  ['\u212A8s', '\u212A'],
  ['a\uff1d1', '\uff1d'],
  ['\u0441\u043e\u0441\u043e', '\u0441', '\u043e'],
  ['\u0391\u0392', '\u0391', '\u0392'],
])('%j contains lookalikes', (text, ...found) => expect(findConfusables(text)).toEqual(found));

test.each([
  ['\u05d0; rm -r \u05d1', true],
  ['\u0627 1', true],
  ['\u05e9\u05dc\u05d5\u05dd', false],
  ['\u05d0 \u05d1', false],
  ['web-1', false],
])('%j may be shown in another order: %s', (text, may) => expect(mayBeReordered(text)).toBe(may));
