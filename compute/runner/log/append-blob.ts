import { StorageRefusedError, requestBlob, isExistsResponse, type StorageAnswer } from '../sas-client.ts';

/** The maximum size of one append. */
const maxAppendBytes = 4 * 1024 * 1024;

/** An append blob that only this process writes, through a SAS link. */
export class AppendBlob {
  readonly #link: string;
  readonly #giveUp: AbortSignal;
  #created = false;
  /** The blob's length; undefined if it is unknown, and the next append has no condition. */
  #length: number | undefined = 0;

  constructor(link: string, giveUp: AbortSignal) {
    this.#link = link;
    this.#giveUp = giveUp;
  }

  /**
   * Appends to the blob, which is created if it does not exist. Retries while storage is down.
   * @throws StorageRefusedError
   */
  async append(bytes: Uint8Array): Promise<void> {
    if (!this.#created) await this.#create();
    for (let from = 0; from < bytes.length; from += maxAppendBytes)
      await this.#appendChunk(bytes.subarray(from, from + maxAppendBytes));
  }

  async #create(): Promise<void> {
    const headers = {
      'x-ms-blob-type': 'AppendBlob',
      'if-none-match': '*',
      'content-type': 'text/plain; charset=utf-8',
    };
    const { response } = await requestBlob(this.#link, { method: 'PUT', headers }, this.#giveUp);
    await response.body?.cancel();
    if (!response.ok && !isExistsResponse(response))
      throw new StorageRefusedError('Could not create the log', response);
    this.#created = true;
  }

  async #appendChunk(chunk: Uint8Array): Promise<void> {
    const { response, uncertain } = await this.#send(chunk);
    if (response.ok) {
      const offset = response.headers.get('x-ms-blob-append-offset');
      this.#length = offset === null ? undefined : Number(offset) + chunk.length;
      return;
    }
    const known = this.#length !== undefined;
    this.#length = undefined;
    if (response.status === 412 && known) {
      // The blob is longer than expected because an attempt without an answer took effect.
      if (uncertain) return;
      return this.#appendChunk(chunk);
    }
    if (response.status !== 404) throw new StorageRefusedError('Could not append to the log', response);
    // Storage lost the blob in a crash, with all earlier output.
    await this.#create();
    return this.#appendChunk(chunk);
  }

  async #send(chunk: Uint8Array): Promise<StorageAnswer> {
    const condition =
      this.#length === undefined ? {} : { 'x-ms-blob-condition-appendpos': String(this.#length) };
    const link = `${this.#link}&comp=appendblock`;
    const answer = await requestBlob(
      link,
      { method: 'PUT', headers: condition, body: Uint8Array.from(chunk) },
      this.#giveUp,
    );
    await answer.response.body?.cancel();
    return answer;
  }
}
