import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { description, events, manifestOf, permissions } from '../../../bot/install/manifest.ts';

test('app.yml says the same as the set-up page', async () => {
  expect(parse(await readFile('app.yml', 'utf8'))).toEqual({
    name: manifestOf({ page: 'https://bot.example', webhook: undefined })['name'],
    description,
    public: false,
    default_permissions: permissions,
    default_events: [...events],
  });
});
