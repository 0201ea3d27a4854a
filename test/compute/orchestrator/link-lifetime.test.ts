import { expect, test } from '@jest/globals';
import { createConfiguredApp } from '../../../compute/orchestrator/configured-app.ts';
import { getLinkSeconds, maxLinkSeconds } from '../../../compute/orchestrator/link-lifetime.ts';
import { AppSettings } from '../../../compute/orchestrator/settings.ts';
import { openStorage } from '../../../compute/storage/open-storage.ts';
import { createLogger } from '../../../runtime/log.ts';
import { readSettings, SettingsError } from '../../../runtime/settings.ts';

/* An orchestrator whose settings would make the links of tasks work for too long does not start. */

const launcher = {
  COXSWAIN_LAUNCHER_URL: 'https://launcher.example',
  COXSWAIN_LAUNCHER_KEY: 'k'.repeat(24),
};
const storage = 'UseDevelopmentStorage=true';

const read = (environment: Record<string, string>): AppSettings =>
  readSettings(AppSettings, {
    COXSWAIN_STORAGE: storage,
    COXSWAIN_KEY: 'k'.repeat(24),
    ...environment,
  });

const create = (environment: Record<string, string>): (() => void) => {
  const settings = read(environment);
  return () =>
    void createConfiguredApp(settings, {
      storage: openStorage(storage),
      audience: undefined,
      log: createLogger('test', 'silent'),
    });
};

test('the defaults keep the links of tasks below six days', () => {
  expect(read({})).toMatchObject({
    COXSWAIN_MAX_SECONDS: 432_000,
    COXSWAIN_LAUNCH_SECONDS: 1_800,
    COXSWAIN_START_SECONDS: 900,
  });
  expect(getLinkSeconds(432_000, { launchSeconds: 1_800, startSeconds: 900 })).toBeLessThan(maxLinkSeconds);
  expect(create(launcher)).not.toThrow();
});

test.each([
  ['COXSWAIN_MAX_SECONDS', '604800', '604800 + 1800 + 900 = 607500'],
  ['COXSWAIN_MAX_SECONDS', '512100', '512100 + 1800 + 900 = 514800'],
  ['COXSWAIN_LAUNCH_SECONDS', '86400', '432000 + 86400 + 900 = 519300'],
  ['COXSWAIN_START_SECONDS', '86400', '432000 + 1800 + 86400 = 520200'],
])('%s of %s is refused with the sum', (name, value, sum) => {
  expect(create({ ...launcher, [name]: value })).toThrow(SettingsError);
  expect(create({ ...launcher, [name]: value })).toThrow(
    `COXSWAIN_MAX_SECONDS, COXSWAIN_LAUNCH_SECONDS and COXSWAIN_START_SECONDS: expected a sum below 514800, because the links of a task must work for less than six days, received ${sum}. Lower at least one of them.`,
  );
});

test('one second less is accepted', () => {
  expect(create({ ...launcher, COXSWAIN_MAX_SECONDS: '512099' })).not.toThrow();
});

test('an orchestrator without a launcher signs no such links', () => {
  expect(create({ COXSWAIN_MAX_SECONDS: '604800' })).not.toThrow();
});
