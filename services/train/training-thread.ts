import { Worker } from 'node:worker_threads';
import { TrainStoppedError, TrainWorkerError } from './train-errors.ts';
import type { TrainerOptions, TrainingResult, TrainingTask } from './trainer.ts';
import { packRecords, type WorkerAnswer, type WorkerRequest } from './worker-messages.ts';

// `Omit` of a union keeps only what all members share; this form keeps the union.
type WithoutNumber<T> = T extends unknown ? Omit<T, 'number'> : never;
type Question = WithoutNumber<WorkerRequest>;

/**
 * The trainer in its thread, seen from the service. Questions are answered in order; at most one fold per partition and one other
 * question are under way, which is the caller's duty and the bound of the queue.
 */
export class TrainingThread {
  /** Rejects once, when the thread fails or ends unasked. */
  readonly failed: Promise<never>;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, PromiseWithResolvers<WorkerAnswer>>();
  private readonly failure = Promise.withResolvers<never>();
  private asked = 0;
  private ended: Error | null = null;

  constructor(options: TrainerOptions) {
    this.failed = this.failure.promise;
    // Whoever waits for an answer sees the failure too; nobody need wait for this one.
    this.failed.catch(() => undefined);
    this.worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: options });
    this.worker.on('message', (answer: WorkerAnswer) => this.settle(answer));
    this.worker.on('error', (cause) => {
      this.end(new TrainWorkerError(`the training thread failed: ${String(cause)}`, {}, cause));
    });
    this.worker.on('exit', (status) => {
      this.end(new TrainWorkerError(`the training thread ended with ${status}`, { status }));
    });
  }

  /** @returns ticks among the records */
  async fold(partition: number, values: readonly Uint8Array[]): Promise<number> {
    const packed = packRecords(values);
    const answer = await this.ask({ kind: 'fold', partition, packed }, [packed.bytes.buffer]);
    return answer.kind === 'folded' ? answer.tickCount : 0;
  }

  async train(task: TrainingTask): Promise<TrainingResult> {
    const answer = await this.ask({ kind: 'train', task });
    if (answer.kind !== 'trained') throw new TrainWorkerError(`'trained' was ${answer.kind}`);
    return answer.result;
  }

  async conclude(id: number, artefact: Uint8Array | null): Promise<void> {
    await this.ask({ kind: 'conclude', id, artefact });
  }

  /** Ends the thread without waiting for its answers: nothing it holds is not in the log. Idempotent. */
  async stop(): Promise<void> {
    this.end(new TrainStoppedError('the trainer was stopped'));
    await this.worker.terminate();
  }

  private ask(
    question: Question,
    transfer: readonly ArrayBufferLike[] = [],
  ): Promise<WorkerAnswer> {
    if (this.ended !== null) return Promise.reject(this.ended);
    this.asked += 1;
    const number = this.asked;
    const waiting = Promise.withResolvers<WorkerAnswer>();
    this.waiting.set(number, waiting);
    this.worker.postMessage({ ...question, number }, transfer as readonly ArrayBuffer[]);
    return waiting.promise;
  }

  private settle(answer: WorkerAnswer): void {
    const waiting = this.waiting.get(answer.number);
    this.waiting.delete(answer.number);
    if (answer.kind !== 'failed') {
      waiting?.resolve(answer);
      return;
    }
    const { message, code } = answer;
    const error = new TrainWorkerError(`the training thread could not go on: ${message}`, { code });
    waiting?.reject(error);
    this.end(error);
  }

  private end(error: Error): void {
    if (this.ended !== null) return;
    this.ended = error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
    this.failure.reject(error);
  }
}
