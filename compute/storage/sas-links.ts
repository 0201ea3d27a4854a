import {
  BlobSASPermissions,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
  type BlobServiceClient,
} from '@azure/storage-blob';
import { splitBlobPath, type BlobPath } from '../../contracts/blob-paths.ts';
import type { ResponseHeaders } from './port.ts';

/** The permissions of a link, as in a SAS: read; create; create and add (append). */
type SasPermissions = 'r' | 'c' | 'ca';

/** Returns a link: a URL with a SAS for one blob and one kind of use. */
export type SasLinks = (
  path: BlobPath,
  permissions: SasPermissions,
  seconds: number,
  response?: ResponseHeaders,
) => string;

/** Creates a function that signs links with the account's key. @throws Error if the service was opened without a key */
export const createSasLinks =
  (service: BlobServiceClient): SasLinks =>
  (path, permissions, seconds, response) => {
    const { credential } = service;
    if (!(credential instanceof StorageSharedKeyCredential))
      throw new Error('Links need a connection string with an account key');
    const { container, name } = splitBlobPath(path);
    const client = service.getContainerClient(container).getBlobClient(name);
    const sas = generateBlobSASQueryParameters(
      {
        containerName: container,
        blobName: name,
        permissions: BlobSASPermissions.parse(permissions),
        expiresOn: new Date(Date.now() + seconds * 1_000),
        ...(response && { contentType: response.type, contentDisposition: response.disposition }),
        protocol: client.url.startsWith('https:') ? SASProtocol.Https : SASProtocol.HttpsAndHttp,
      },
      credential,
    );
    return `${client.url}?${sas.toString()}`;
  };
