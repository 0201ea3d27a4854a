import { accountName, startAzurite } from '../../../../local/azurite/azurite.ts';
import type { Releases } from '../../../../runtime/lifecycle.ts';
import { createLogger } from '../../../../runtime/log.ts';
import type { RawRoute } from './requests.ts';

/** Queries that anyone can send to storage: parameters of operations, and of each kind of SAS. */
const queries = [
  '',
  '?restype=container&comp=list&prefix={}&marker={}&maxresults={}',
  '?restype=service&comp={}',
  '?comp=batch',
  '?sv=2021-12-02&sr=b&sp=rw&se=2100-01-01&st={}&sip={}&sig={}',
  '?sv={}&sr=c&si={}&sig={}',
  '?sv=2021-12-02&ss=bq&srt=sco&sp={}&se={}&spr={}&sig={}',
  '?sv=2021-12-02&sr=b&sp=r&se=2100-01-01&skoid={}&sktid={}&skt={}&ske={}&sks=b&skv={}&sig={}',
];
const paths = [
  '/',
  '/{}',
  `/${accountName}`,
  `/${accountName}-secondary/{}`,
  `/${accountName}/tasks/{}`,
  `/${accountName}/input/messages`,
];
const headers = {
  'x-ms-version': '2021-12-02',
  'x-ms-blob-type': 'BlockBlob',
  'content-type': 'application/xml',
  authorization: `SharedKey ${accountName}:x`,
};

/** Opens local storage, and returns its servers. The requests have no key, so nothing is stored. */
export const openStorageServers = async (
  releases: Releases,
): Promise<{ name: string; port: number; routes: RawRoute[] }[]> => {
  const log = createLogger('search', 'silent');
  const azurite = await startAzurite({ folder: undefined, blobPort: 0, queuePort: 0, log });
  releases.add('storage', () => azurite.stop());
  const routes = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'].flatMap((method) =>
    paths.flatMap((path) =>
      queries.map((query): RawRoute => ({
        method,
        path: path + query,
        headers: query.includes('sig=') ? {} : headers,
        ...(method === 'PUT' || method === 'POST' ? { body: '<QueueMessage></QueueMessage>' } : {}),
      })),
    ),
  );
  return ['Blob', 'Queue'].map((service) => {
    const [, port] =
      new RegExp(`${service}Endpoint=http://127\\.0\\.0\\.1:(\\d+)/`).exec(azurite.connectionString) ?? [];
    return { name: `storage of ${service.toLowerCase()}s`, port: Number(port), routes };
  });
};
