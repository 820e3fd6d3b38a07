import { ConnectionRefusedError } from '#shared/client/client-errors.ts';
import { CLOSE_CODE } from '#shared/wire/close-code.ts';
import { byId, setText } from './element.ts';
import { keep, recall } from './page-memory.ts';

const KEPT_AS = 'foretick.token';
/** Answered by a server that asks for tokens only to who has one, and small. */
const GUARDED = '/v1/models';

/** Whether an error of the client means that another token may help. */
export function isTokenRefusal(error: unknown): error is ConnectionRefusedError {
  return error instanceof ConnectionRefusedError && error.details['code'] === CLOSE_CODE.badToken;
}

/**
 * The token of a server that asks for one: typed in by the reader, kept in the tab's session storage and nowhere else, shown
 * in headers and messages and never in an address.
 */
export class TokenField {
  readonly #dialog = byId('token-dialog') as HTMLDialogElement;
  readonly #field = byId('token') as HTMLInputElement;
  readonly #why = byId('token-why');
  #asking: Promise<string> | null = null;
  #token = recall('sessionStorage', KEPT_AS);

  constructor() {
    byId('forget-token').addEventListener('click', () => {
      keep('sessionStorage', KEPT_AS, null);
      location.reload();
    });
  }

  get isHeld(): boolean {
    return this.#token !== null;
  }

  /** Whether the reader is being asked. */
  get isAsking(): boolean {
    return this.#asking !== null;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#token === null ? {} : { authorization: `Bearer ${this.#token}` };
  }

  /** Resolves when the server lets this page in, or cannot be reached: then the connection says so. */
  async admit(): Promise<void> {
    const refusal = await refusalOf(this.#token);
    if (refusal !== null) await this.#ask(this.#token === null ? ASKED : `${REFUSED}${refusal}`);
    byId('forget-token').hidden = this.#token === null;
  }

  /** The token for a connection; for one that stands, a newer one, which the reader is asked for. */
  token(isRenewal: boolean): Promise<string> {
    return isRenewal ? this.#ask(RENEW) : Promise.resolve(this.#token ?? '');
  }

  /** The server refused for good what it had let in before. */
  refused(error: Error): void {
    const why = error.message.replace(/^the server closed with \d+: (the token is refused: )?/, '');
    void this.#ask(`${REFUSED}${why}`).then(() => location.reload());
  }

  /** Asks until a token is let in. Only once at a time: the connection and what is fetched may both want one. */
  #ask(why: string): Promise<string> {
    setText(this.#why, why);
    this.#asking ??= this.#askUntilAdmitted().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #askUntilAdmitted(): Promise<string> {
    this.#dialog.show();
    this.#field.value = '';
    this.#field.focus();
    for (;;) {
      const token = await this.#submitted();
      const refusal = await refusalOf(token);
      if (refusal !== null) {
        setText(this.#why, `${REFUSED}${refusal}`);
        this.#field.select();
        continue;
      }
      this.#token = token;
      keep('sessionStorage', KEPT_AS, token);
      this.#dialog.close();
      return token;
    }
  }

  #submitted(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const form = byId('token-form');
    const submit = (event: Event) => {
      // The page itself sends it, in a header: a form's own way would be the address.
      event.preventDefault();
      const token = this.#field.value.trim();
      if (token === '') return;
      form.removeEventListener('submit', submit);
      resolve(token);
    };
    form.addEventListener('submit', submit);
    return promise;
  }
}

const ASKED = 'This server asks for a token.';
const RENEW = 'The token is about to expire. Paste a newer one to go on without a break.';
const REFUSED = 'The server refused the token: ';

/** Why the server does not let a holder of this token in; null where it does, or where it cannot be asked. */
async function refusalOf(token: string | null): Promise<string | null> {
  if (token !== null && !/^[\w.-]+$/.test(token)) return 'that is no JSON Web Token';
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(GUARDED, { headers }).catch(() => null);
  if (response?.status !== 401) return null;
  const body = (await response.json().catch(() => null)) as {
    readonly error?: { readonly message?: string };
  } | null;
  return body?.error?.message ?? 'it did not say why';
}
