import { StorageRefusedError, requestBlob, isExistsResponse, type StorageAnswer } from '../sas-client.ts';

/** An append blob takes so much in one request (4 MiB). */
const maxAppendBytes = 4 * 1024 * 1024;

/** An append blob, written through its SAS link by this process alone. */
export class AppendBlob {
  readonly #link: string;
  readonly #giveUp: AbortSignal;
  #created = false;
  /** The blob's length; undefined when it is not known: then the next append is made without a condition. */
  #length: number | undefined = 0;

  constructor(link: string, giveUp: AbortSignal) {
    this.#link = link;
    this.#giveUp = giveUp;
  }

  /**
   * Creates the blob unless it is there, and appends; an outage of storage is waited out.
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
      throw new StorageRefusedError('The log could not be created', response);
    this.#created = true;
  }

  async #appendChunk(piece: Uint8Array): Promise<void> {
    const { response, uncertain } = await this.#send(piece);
    if (response.ok) {
      const offset = response.headers.get('x-ms-blob-append-offset');
      this.#length = offset === null ? undefined : Number(offset) + piece.length;
      return;
    }
    const known = this.#length !== undefined;
    this.#length = undefined;
    if (response.status === 412 && known) {
      // Longer than we know: the attempt without an answer was carried out.
      if (uncertain) return;
      return this.#appendChunk(piece);
    }
    if (response.status !== 404) throw new StorageRefusedError('The log could not be appended to', response);
    // Storage came back from a crash without it: what was there is lost, what follows is not.
    await this.#create();
    return this.#appendChunk(piece);
  }

  async #send(piece: Uint8Array): Promise<StorageAnswer> {
    const condition =
      this.#length === undefined ? {} : { 'x-ms-blob-condition-appendpos': String(this.#length) };
    const link = `${this.#link}&comp=appendblock`;
    const answer = await requestBlob(
      link,
      { method: 'PUT', headers: condition, body: Uint8Array.from(piece) },
      this.#giveUp,
    );
    await answer.response.body?.cancel();
    return answer;
  }
}
