/** What a seed found wrong. The first is the cause; the rest may follow from it. */
export class Violations {
  readonly all: string[] = [];

  add(what: string): void {
    this.all.push(what);
  }
}
