import type { RunningService, RunningServices } from './running-services.ts';

type ServiceName = RunningService['name'];

export interface Role {
  readonly name: ServiceName;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Keeps the processes of a run running, one for each role: whatever ends is started again, until it is told to stop. */
export class Supervisor {
  /** Ends that nobody asked for, with what the process said last. */
  readonly surprises: string[] = [];
  readonly #services: RunningServices;
  readonly #roles: Readonly<Record<string, Role>>;
  readonly #running = new Map<string, RunningService>();
  readonly #expected = new Set<RunningService>();

  constructor(services: RunningServices, roles: Readonly<Record<string, Role>>) {
    this.#services = services;
    this.#roles = roles;
    for (const role of Object.keys(roles)) this.#start(role);
  }

  /** As the power going out, and the process starts again at once. */
  async kill(role: string): Promise<void> {
    const service = this.of(role);
    this.#expected.add(service);
    await service.kill();
    this.#start(role);
  }

  /** A drain, after which the role stays empty. @returns the exit code */
  async stop(role: string): Promise<number | null> {
    const service = this.of(role);
    this.#expected.add(service);
    return service.stop();
  }

  of(role: string): RunningService {
    const service = this.#running.get(role);
    if (service === undefined) throw new Error(`there must be a role ${role}, was none`);
    return service;
  }

  /** No process is started again; the run ends those that still run. */
  end(): void {
    for (const service of this.#running.values()) this.#expected.add(service);
  }

  #start(role: string): void {
    const { name, settings } = this.#roles[role];
    const service = this.#services.start(name, settings);
    this.#running.set(role, service);
    void service.exited().then((code) => {
      if (this.#expected.has(service)) return;
      this.surprises.push(`${role} ended with ${code} and said:\n${service.said.slice(-2_000)}`);
      this.#start(role);
    });
  }
}
