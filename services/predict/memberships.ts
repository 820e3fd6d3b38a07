import { reconnectDelayMs } from '#shared/client/reconnect-delay.ts';
import { StateFencedError } from '#shared/state/state-errors.ts';
import { GroupMember, type MemberOptions, type MemberPorts } from './group-member.ts';
import { isPassing } from './passing-error.ts';

const PAUSE_FROM_MS = 100;
const PAUSE_TO_MS = 10_000;
/** Memberships in a row that a refused claim ended at once, from which the group must have been made again. */
const REFUSALS = 2;

export interface MembershipsPorts extends MemberPorts {
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * A place in the group, kept: where a membership ends by an error in passing, the group is joined again after a pause that doubles
 * up to 10 s, with full jitter.
 */
export class Memberships {
  /** Resolves when the last membership has ended by itself or after `stop`; rejects with an error that does not pass. */
  readonly done: Promise<void>;
  readonly #ports: MembershipsPorts;
  readonly #options: Omit<MemberOptions, 'ignoresGeneration'>;
  readonly #stopping = new AbortController();
  #member: GroupMember | null = null;
  #failures = 0;
  #refusals = 0;

  private constructor(
    ports: MembershipsPorts,
    options: Omit<MemberOptions, 'ignoresGeneration'>,
    first: Promise<GroupMember>,
  ) {
    this.#ports = ports;
    this.#options = options;
    this.done = this.#run(first);
    // It may end while other services still start, when nobody awaits it yet.
    this.done.catch(() => undefined);
  }

  /** @throws what joining for the first time throws */
  static async begin(
    ports: MembershipsPorts,
    options: Omit<MemberOptions, 'ignoresGeneration'>,
  ): Promise<Memberships> {
    const first = await GroupMember.join(ports, { ...options, ignoresGeneration: false });
    return new Memberships(ports, options, Promise.resolve(first));
  }

  /** Leaves the group once all is saved; idempotent. What fails is told by `done`. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#member?.leave();
    await this.done.catch(() => undefined);
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(first: Promise<GroupMember>): Promise<void> {
    for (let joining = first; ; joining = this.#join()) {
      const sinceMs = this.#ports.clock.nowMs();
      try {
        await this.#endOf(await joining);
        return;
      } catch (error) {
        const lastedMs = this.#ports.clock.nowMs() - sinceMs;
        await this.#pause(error, lastedMs > PAUSE_TO_MS);
      }
      if (this.#isStopped) return;
    }
  }

  #join(): Promise<GroupMember> {
    const ignoresGeneration = this.#refusals >= REFUSALS;
    return GroupMember.join(this.#ports, { ...this.#options, ignoresGeneration });
  }

  async #endOf(member: GroupMember): Promise<void> {
    this.#member = member;
    if (this.#isStopped) await member.leave();
    await member.done;
  }

  /** @throws the error, where it does not pass */
  async #pause(error: unknown, hasLasted: boolean): Promise<void> {
    if (!isPassing(error)) throw error;
    const { clock, logger, metrics, random } = this.#ports;
    this.#refusals = error instanceof StateFencedError && !hasLasted ? this.#refusals + 1 : 0;
    this.#failures = hasLasted ? 0 : this.#failures;
    const bounds = { baseMs: PAUSE_FROM_MS, capMs: PAUSE_TO_MS, random };
    const pauseMs = Math.ceil(reconnectDelayMs(this.#failures, bounds));
    this.#failures += 1;
    metrics.joinedAgain(error.code);
    logger.warn('group was left after an error, joining again', { error, pauseMs });
    await clock.sleep(pauseMs, this.#stopping.signal);
  }
}
