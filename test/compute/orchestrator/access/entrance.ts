import { pino } from 'pino';
import { openAccess, type AccessOptions } from '../../../../compute/orchestrator/access/access.ts';
import { CallerSettings } from '../../../../compute/orchestrator/access/settings.ts';
import { settingsFrom } from '../../../../runtime/environment.ts';
import { sha256Of } from '../../../../compute/orchestrator/sha256.ts';
import { application } from './entra.ts';
import { audience, type Issuer } from './issuer.ts';

export const platformKey = 'the-platform-s-own-key';

export const keyRule = (key: string, rule: object) => ({
  name: 'somebody',
  sha256: sha256Of(Buffer.from(key)),
  scopes: ['read'],
  ...rule,
});

type Entrance = {
  issuer: Issuer;
  entra?: Issuer;
  trust?: object[];
  keys?: object[];
  times?: AccessOptions['times'];
};

/** Access for these rules, and all that it logs. */
export const openEntrance = ({ issuer, entra, trust = [], keys = [], times }: Entrance) => {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const settings = settingsFrom(CallerSettings, {
    COXSWAIN_TRUST: JSON.stringify(trust),
    COXSWAIN_KEYS: JSON.stringify(keys),
    COXSWAIN_AUDIENCE: audience,
    COXSWAIN_ISSUER: issuer.url,
    COXSWAIN_ENTRA_AUDIENCE: `api://${application}`,
    ...(entra && { COXSWAIN_ENTRA_AUTHORITY: `${entra.url}/`, COXSWAIN_ENTRA_STS: `${entra.url}/` }),
  });
  const log = pino({}, { write });
  const access = openAccess({ platformKeys: [platformKey], settings, audience: undefined, log, times });
  /** Asks with these headers: the status of the answer, 200 for who may enter, and the reason that was logged. */
  const enter = async (headers: Record<string, string>, search = '') => {
    lines.length = 0;
    const admission = await access(new Request(`http://host/api/jobs${search}`, { headers }));
    const status = admission.ok ? 200 : admission.answer.status;
    const body = admission.ok ? '' : await admission.answer.text();
    return { status, body, reason: lines[0]?.['reason'], log: JSON.stringify(lines), admission };
  };
  const withToken = (token: string) => enter({ authorization: `Bearer ${token}` });
  return { access, log, lines, enter, withToken };
};
