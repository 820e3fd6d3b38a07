type Labels = Readonly<Record<string, string>>;

export interface Counter {
  add(count: number, labels?: Labels): void;
}

export interface Gauge {
  set(value: number, labels?: Labels): void;
}

export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

/** Operational numbers. Names carry units (`foretick_fold_seconds`) and are declared beside the code that counts. */
export interface Metrics {
  counter(name: string, help: string, labelNames?: readonly string[]): Counter;
  gauge(name: string, help: string, labelNames?: readonly string[]): Gauge;
  histogram(name: string, help: string, buckets: readonly number[]): Histogram;
  /** The Prometheus text format. */
  text(): Promise<string>;
}
