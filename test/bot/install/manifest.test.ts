import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import {
  appDescription,
  subscribedEvents,
  buildManifest,
  requiredPermissions,
} from '../../../bot/install/manifest.ts';

test('app.yml says the same as the set-up page', async () => {
  expect(parse(await readFile('app.yml', 'utf8'))).toEqual({
    name: buildManifest({ page: 'https://bot.example', webhook: undefined })['name'],
    description: appDescription,
    public: false,
    default_permissions: requiredPermissions,
    default_events: [...subscribedEvents],
  });
});
