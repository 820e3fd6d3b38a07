import { parentPort, workerData } from 'node:worker_threads';
import { PipelineError } from '#shared/errors.ts';
import { Trainer, type TrainerOptions } from './trainer.ts';
import { unpackRecords, type WorkerAnswer, type WorkerRequest } from './worker-messages.ts';

/** Entry of the worker thread: a Trainer behind a message port. It touches neither log nor store. */
const port = parentPort;
if (port === null) throw new Error('services/train/worker.ts runs as a worker thread only');
const trainer = new Trainer(workerData as TrainerOptions);

port.on('message', (request: WorkerRequest) => port.postMessage(answer(request)));

function answer(request: WorkerRequest): WorkerAnswer {
  const { number } = request;
  try {
    switch (request.kind) {
      case 'fold': {
        const tickCount = trainer.fold(request.partition, unpackRecords(request.packed));
        return { number, kind: 'folded', tickCount };
      }
      case 'train':
        return { number, kind: 'trained', result: trainer.train(request.task) };
      case 'conclude':
        trainer.conclude(request.id, request.artefact);
        return { number, kind: 'concluded' };
    }
  } catch (error) {
    const code = error instanceof PipelineError ? error.code : '';
    return { number, kind: 'failed', message: String(error), code };
  }
}
