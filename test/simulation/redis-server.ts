type Fields = ReadonlyMap<string, Buffer>;

/** The checks of the scripts; a mutation takes one out. */
export interface ScriptRules {
  token: boolean;
  base: boolean;
  generation: boolean;
}

/** What a commit wrote, and what stood there before. */
export interface CommitEffect {
  readonly key: string;
  readonly token: string;
  readonly base: string;
  readonly before: Fields;
  readonly after: Fields;
  /** Fields that this commit wrote. */
  readonly written: readonly string[];
}

export interface ClaimEffect {
  readonly key: string;
  readonly generation: number;
  readonly before: Fields;
}

interface Image {
  readonly key: string;
  readonly fields: Fields;
}

const KEPT_IMAGES = 64;
const NOTHING: Fields = new Map();

/** One Redis: hashes, and the two scripts as shared/state/redis has them in Lua. Its past is kept, so that it can go back there. */
export class RedisServer {
  readonly rules: ScriptRules = { token: true, base: true, generation: true };
  onCommit: (effect: CommitEffect) => void = () => {};
  onClaim: (effect: ClaimEffect) => void = () => {};
  readonly #hashes = new Map<string, Fields>();
  #past: Image[] = [];

  keys(): readonly string[] {
    return [...this.#hashes.keys()];
  }

  fields(key: string): Fields {
    return this.#hashes.get(key) ?? NOTHING;
  }

  command(name: string, args: readonly (string | Buffer)[]): unknown {
    const [key, ...rest] = args.map(String);
    switch (name) {
      case 'HMGET':
        return rest.map((field) => this.fields(key).get(field) ?? null);
      case 'HKEYS':
        return [...this.fields(key).keys()].map((field) => Buffer.from(field));
      default:
        throw new RangeError(`this server does not know ${name}`);
    }
  }

  /** claim.lua */
  claim(key: string, [format, run, generation, token, stored]: readonly string[]): unknown {
    const before = this.fields(key);
    const kept = (field: string) => before.get(field) ?? null;
    if (kept('fmt') !== null && `${kept('fmt')}` !== format)
      return replyOf('WRONG_FORMAT', kept('fmt'));
    if (kept('run') !== null && `${kept('run')}` !== run) return replyOf('WRONG_RUN', kept('run'));
    const highest = Number(kept('gen') ?? '0');
    const isOld = Number(generation) > 0 && Number(generation) < highest;
    if (isOld && this.rules.generation) return replyOf('FENCED', kept('gen'));
    const fields = new Map(stored === 'forget' ? [] : before);
    fields.set('fmt', Buffer.from(format));
    fields.set('run', Buffer.from(run));
    fields.set('gen', Buffer.from(`${Math.max(highest, Number(generation))}`));
    fields.set('tok', Buffer.from(token));
    this.onClaim({ key, generation: Number(generation), before });
    this.#write(key, fields);
    return stored === 'forget'
      ? replyOf('OK')
      : replyOf('OK', kept('next'), kept('dig'), kept('part'));
  }

  /** commit.lua */
  commit(key: string, args: readonly (string | Buffer)[]): unknown {
    const [run, token, base] = args.slice(0, 3).map(String);
    const before = this.fields(key);
    const found = (field: string) => before.get(field) ?? null;
    if (this.rules.token && `${found('tok')}` !== token) return replyOf('FENCED', found('tok'));
    if (`${found('run')}` !== run) return replyOf('WRONG_RUN', found('run'));
    if (this.rules.base && `${found('next') ?? '0'}` !== base)
      return replyOf('CONFLICT', found('next'));
    const after = new Map(before);
    const written: string[] = [];
    for (let k = 3; k < args.length; k += 2) {
      written.push(`${args[k]}`);
      after.set(`${args[k]}`, Buffer.from(args[k + 1] as string));
    }
    this.onCommit({ key, token, base, before, after, written });
    this.#write(key, after);
    return replyOf('OK');
  }

  /** Goes back by so many writes, as a replica does that lacked them. */
  rollBack(writeCount: number): void {
    for (let k = 0; k < writeCount; k += 1) {
      const image = this.#past.pop();
      if (image === undefined) return;
      if (image.fields === NOTHING) this.#hashes.delete(image.key);
      else this.#hashes.set(image.key, image.fields);
    }
  }

  wipe(): void {
    this.#hashes.clear();
    this.#past = [];
  }

  /** Puts an older value of one field among the newer ones. @returns the field; null where nothing is old enough */
  tear(key: string, chosen: (count: number) => number): string | null {
    const now = this.fields(key);
    const older = this.#past.flatMap((image) =>
      image.key === key ? differing(image.fields, now) : [],
    );
    if (older.length === 0) return null;
    const [field, bytes] = older[chosen(older.length)];
    this.#hashes.set(key, new Map([...now, [field, bytes]]));
    return field;
  }

  #write(key: string, fields: Fields): void {
    this.#past.push({ key, fields: this.#hashes.get(key) ?? NOTHING });
    if (this.#past.length > KEPT_IMAGES) this.#past.shift();
    this.#hashes.set(key, fields);
  }
}

function replyOf(verdict: string, ...rest: readonly (Buffer | null)[]): readonly (Buffer | null)[] {
  return [Buffer.from(verdict), ...rest];
}

function differing(older: Fields, now: Fields): [string, Buffer][] {
  return [...older].filter(
    ([field, bytes]) => field.startsWith('s:') && now.get(field)?.equals(bytes) === false,
  );
}
