/** One life of a process of the simulation: what it waits for is lost when it dies. */
export class Actor {
  readonly name: string;
  isAlive = true;
  /** Stopped, as by SIGSTOP: nothing of it runs before. */
  pausedUntilMs = 0;
  /** Its packets, in both directions, are under way until then. */
  cutOffUntilMs = 0;

  constructor(name: string) {
    this.name = name;
  }
}
