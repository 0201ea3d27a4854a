import { expect, test } from '@jest/globals';
import { glob, readFile } from 'node:fs/promises';

/** Settings that are named like secrets and are none. */
const harmless: Readonly<Record<string, string>> = {
  COXSWAIN_KEYS: 'holds the digests of keys',
};

/** A setting in a schema: `NAME: schema`. */
const setting = /^ {2}([A-Z][A-Z0-9_]*): ([\w.]+)\(/gm;
const secretName = /KEY|SECRET|TOKEN|STORAGE|PASSWORD|CONNECTION|CREDENTIAL|SAS/;

test('every setting that is named like a secret is marked as one', async () => {
  const found = new Map<string, string>();
  for await (const path of glob('{bot,cli,compute,runtime}/**/*.ts')) {
    for (const [, name = '', schema = ''] of (await readFile(path, 'utf8')).matchAll(setting))
      if (secretName.test(name)) found.set(`${path} ${name}`, schema);
  }
  const names = [...found.keys()].map((key) => key.split(' ')[1]);
  expect(names).toEqual(
    expect.arrayContaining([
      'COXSWAIN_STORAGE',
      'COXSWAIN_KEY',
      'PRIVATE_KEY',
      'WEBHOOK_SECRET',
      'ORCHESTRATOR_KEY',
      'AUDIT_STORAGE',
    ]),
  );
  const unmarked = [...found].filter(
    ([key, schema]) => schema !== 'secretSetting' && !((key.split(' ')[1] ?? '') in harmless),
  );
  expect(unmarked).toEqual([]);
});
