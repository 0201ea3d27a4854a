import { expect, test } from '@jest/globals';
import { glob, readFile } from 'node:fs/promises';

/** Settings that are named like secrets and are none. */
const harmless: Readonly<Record<string, string>> = {
  COXSWAIN_KEYS: 'holds the digests of keys',
  AZURE_FEDERATED_TOKEN_FILE: 'names the file of a token',
};

/** Code that generates or reads values that look like secrets, and need not register them. */
const registersNothing: Readonly<Record<string, string>> = {
  'local/github-emulator/api/responses.ts': 'draws request ids',
  'local/github-emulator/store/settings.ts': 'api/tokens.ts and page/sessions.ts register what it draws',
  'local/github-emulator/webhooks/webhook-sender.ts': 'signs deliveries; a signature opens nothing',
  'bot/settings.ts': 'draws the name of an instance; settings register themselves',
  'contracts/ids.ts': 'draws job ids',
  'compute/runner/identity/wait-for-identity.ts': 'drops the token that it gets',
  'local/hosted-app/package/host-json.ts': 'names settings with connections, not connections',
};

/** Matches code that generates a secret. */
const drawing = /\b(?:randomBytes|generateKeyPairSync|generateKeySync|createHmac|createSecretKey)\(/;

/** A field of foreign data that is named like a secret, in a schema: `name: v.string()`. */
const field =
  /(?:^ *|[{,] *)\w*(?:token|secret|pem|private_?key|storage_?key|function_?key|system_?key|signInKey|password|connectionString)\w*: v\.(?!boolean|array|optional\(v\.boolean)/im;

/** A setting in a schema: `NAME: schema`. */
const setting = /^ {2}([A-Z][A-Z0-9_]*): ([\w.]+)\(/gm;
const secretName = /KEY|SECRET|TOKEN|STORAGE|PASSWORD|CONNECTION|CREDENTIAL|SAS/;

test('every setting that is named like a secret is marked as one', async () => {
  const found = new Map<string, string>();
  for await (const path of glob('{bot,cli,compute,contracts,local,runtime}/**/*.ts')) {
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
      'LEASE_STORAGE',
    ]),
  );
  const unmarked = [...found].filter(
    ([key, schema]) => schema !== 'secretSetting' && !((key.split(' ')[1] ?? '') in harmless),
  );
  expect(unmarked).toEqual([]);
});

test('everything that draws or reads a secret registers it', async () => {
  const [found, silent]: [string[], string[]] = [[], []];
  for await (const path of glob('{action,bot,cli,compute,contracts,local,runtime}/**/*.ts')) {
    const text = await readFile(path, 'utf8');
    if (path.startsWith('action/dist/') || !(drawing.test(text) || field.test(text))) continue;
    found.push(path);
    if (!/\b(?:registerSecret|maskSecret)\(/.test(text)) silent.push(path);
  }
  expect(found).toEqual(
    expect.arrayContaining([
      'bot/install/app-file.ts',
      'bot/install/manifest-conversion.ts',
      'bot/install/setup-token.ts',
      'bot/github.ts',
      'local/github-emulator/api/tokens.ts',
      'local/github-emulator/page/sessions.ts',
      'local/platform/platform-file.ts',
      'local/platform/secrets.ts',
      'local/azurite/azurite.ts',
      'local/azurite/azurite-internals.ts',
    ]),
  );
  expect(silent.toSorted()).toEqual(Object.keys(registersNothing).toSorted());
});
