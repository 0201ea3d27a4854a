import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { createAuthenticator } from '../../../../compute/orchestrator/auth/authenticate.ts';
import { CallerSettings } from '../../../../compute/orchestrator/auth/settings.ts';
import { getIssuerHost } from '../../../../compute/orchestrator/auth/workflows.ts';
import { OrchestratorSettings } from '../../../../compute/orchestrator/settings.ts';
import { EmbeddedSettings } from '../../../../local/embedded-orchestrator/settings.ts';
import { readSettings } from '../../../../runtime/settings.ts';
import { log } from '../../../fixtures/orchestrator/orchestrator-fixture.ts';

const rule = { repositoryId: '74', scopes: ['read'] };
const trust = (...rules: unknown[]) => ({ COXSWAIN_TRUST: JSON.stringify(rules) });
const application = {
  tenant: 'aaaabbbb-0000-cccc-1111-dddd2222eeee',
  clientId: '11112222-bbbb-3333-cccc-4444dddd5555',
  scopes: ['read'],
};
const key = { name: 'mona', sha256: 'ab'.repeat(32), scopes: ['start'] };

describe('settings of callers', () => {
  test('defaults', () => {
    expect(readSettings(CallerSettings, { ...trust(rule), COXSWAIN_KEYS: JSON.stringify([key]) })).toEqual({
      COXSWAIN_TRUST: [{ ...rule, tasks: [], algorithms: '*' }],
      COXSWAIN_KEYS: [{ ...key, tasks: [], algorithms: '*' }],
      COXSWAIN_ISSUER: 'https://token.actions.githubusercontent.com',
      COXSWAIN_ENTRA_AUTHORITY: 'https://login.microsoftonline.com',
      COXSWAIN_ENTRA_STS: 'https://sts.windows.net',
    });
  });

  test.each([
    [{ COXSWAIN_TRUST: 'all' }, 'COXSWAIN_TRUST: expected a list as JSON'],
    [{ COXSWAIN_TRUST: '{}' }, 'COXSWAIN_TRUST: expected a list as JSON'],
    [trust(rule, { ...rule, repositoryId: 74 }), 'COXSWAIN_TRUST.1.repositoryId: expected the numeric id'],
    [trust({ scopes: ['read'] }), 'COXSWAIN_TRUST.0.repositoryId: expected an object with repositoryId'],
    [trust({ ...rule, branch: 'main' }), 'COXSWAIN_TRUST.0.branch: expected an object with repositoryId'],
    [
      trust({ ...rule, scopes: ['admin'] }),
      'COXSWAIN_TRUST.0.scopes.0: expected a list of start, read, approve',
    ],
    [trust({ ...rule, scopes: [] }), 'COXSWAIN_TRUST.0.scopes: expected a list of start, read, approve'],
    [trust({ ...rule, eventName: [] }), 'COXSWAIN_TRUST.0.eventName: expected a list of events'],
    [trust({ ...rule, workflowRef: 'deploy' }), 'COXSWAIN_TRUST.0.workflowRef: expected owner/name/'],
    [trust({ ...rule, tasks: 'Hello' }), 'COXSWAIN_TRUST.0.tasks: expected "*" or a list of names'],
    [
      { COXSWAIN_KEYS: JSON.stringify([{ ...key, sha256: 'the key itself' }]) },
      'COXSWAIN_KEYS.0.sha256: expected 64 lowercase hex digits, received another value',
    ],
    [trust({ ...application, tenant: 'contoso.com' }), 'COXSWAIN_TRUST.0.tenant: expected a GUID'],
    [trust({ clientId: application.clientId }), 'COXSWAIN_TRUST.0.tenant: expected an object with tenant'],
    [trust({ ...application, ref: 'x' }), 'COXSWAIN_TRUST.0.ref: expected an object with tenant'],
    [trust({ ...application, repositoryId: '74' }), 'COXSWAIN_TRUST.0.repositoryId: expected an object with'],
    [
      trust({ ...application, repositories: ['74'] }),
      'COXSWAIN_TRUST.0.repositories.0: expected a numeric id',
    ],
    [
      trust({ ...application, repositories: [74] }, application),
      'COXSWAIN_TRUST: expected the same repositories in all rules of one application',
    ],
    [
      { COXSWAIN_ENTRA_AUTHORITY: 'http://login.example' },
      'COXSWAIN_ENTRA_AUTHORITY: expected an https address',
    ],
    [{ COXSWAIN_ISSUER: 'http://github.example' }, 'COXSWAIN_ISSUER: expected an https address'],
    [{ COXSWAIN_ISSUER_JWKS: 'nowhere' }, 'COXSWAIN_ISSUER_JWKS: expected an https address'],
  ])('mistakes: %j', (environment, message) => {
    expect(() => readSettings(CallerSettings, environment)).toThrow(message);
  });

  test('rules of one application can name the same repositories in any order', () => {
    const rules = [
      { ...application, repositories: [75, 74] },
      { ...application, tenant: application.tenant.toUpperCase(), repositories: [74, 75] },
      { ...application, clientId: application.tenant },
    ];
    const settings = { ...trust(...rules), COXSWAIN_ENTRA_AUDIENCE: 'api://coxswain' };
    expect(readSettings(CallerSettings, settings).COXSWAIN_TRUST).toHaveLength(3);
  });

  test('the examples in the documentation are valid', async () => {
    const text = await readFile('docs/formats.md', 'utf8');
    const callers = /^## Callers\n(.*?)^## /ms.exec(text)?.[1] ?? '';
    const [keys, rules] = [...callers.matchAll(/^```json\n(.*?)^```/gms)].map(([, json]) => json);
    const settings = readSettings(CallerSettings, {
      COXSWAIN_KEYS: keys,
      COXSWAIN_TRUST: rules,
      COXSWAIN_ENTRA_AUDIENCE: 'api://coxswain',
    });
    expect([settings.COXSWAIN_KEYS.length, settings.COXSWAIN_TRUST.length]).toEqual([1, 3]);
    const named = new Set([...callers.matchAll(/COXSWAIN_[A-Z_]+/g)].map(([name]) => name));
    expect(['COXSWAIN_KEY', ...Object.keys(CallerSettings.entries)]).toEqual(
      expect.arrayContaining([...named]),
    );
  });

  test('trusted workflows require an audience', () => {
    const settings = readSettings(CallerSettings, trust(rule));
    const open = (audience?: string) => createAuthenticator({ platformKeys: [], settings, audience, log });
    expect(() => open()).toThrow('COXSWAIN_AUDIENCE: expected the audience of tokens, received nothing');
    expect(open('https://coxswain.example')).toBeInstanceOf(Function);
  });

  test.each([
    ['the Functions app', OrchestratorSettings, 'WEBSITE_HOSTNAME', 'coxswain.example'],
    ['the embedded orchestrator', EmbeddedSettings, 'PUBLIC_URL', 'https://coxswain.example'],
  ])('%s reports a missing audience of workflows with all other problems', (_, schema, name, address) => {
    const storage = 'UseDevelopmentStorage=true';
    const required = { COXSWAIN_STORAGE: storage, COXSWAIN_EVENTS: storage, COXSWAIN_KEY: 'k'.repeat(24) };
    const read = (more: object) => readSettings(schema, { ...required, ...trust(rule), ...more });
    expect(() => read({ COXSWAIN_STREAMS: 'maybe' })).toThrow(
      /COXSWAIN_AUDIENCE: expected a value, because COXSWAIN_TRUST requires it, received nothing\n {2}COXSWAIN_STREAMS: /,
    );
    expect(read({ [name]: address }).COXSWAIN_TRUST).toHaveLength(1);
    expect(read({ COXSWAIN_AUDIENCE: 'coxswain' }).COXSWAIN_TRUST).toHaveLength(1);
  });

  test('trusted applications require an audience', () => {
    const open = (more: object) => {
      const settings = readSettings(CallerSettings, { ...trust(application), ...more });
      return createAuthenticator({ platformKeys: [], settings, audience: 'https://coxswain.example', log });
    };
    expect(() => open({})).toThrow(
      'COXSWAIN_ENTRA_AUDIENCE: expected a value, because COXSWAIN_TRUST requires it, received nothing',
    );
    expect(open({ COXSWAIN_ENTRA_AUDIENCE: 'api://coxswain' })).toBeInstanceOf(Function);
  });
});

test.each([
  ['https://token.actions.githubusercontent.com', 'github.com'],
  ['https://token.actions.githubusercontent.com/octo-enterprise', 'github.com'],
  ['https://token.actions.octocorp.ghe.com', 'octocorp.ghe.com'],
  ['https://github.example.org/_services/token', 'github.example.org'],
])('tokens of %s are those of %s', (issuer, host) => {
  expect(getIssuerHost(issuer)).toBe(host);
});
