import type { Floats } from '../add-product.ts';
import { Bptt } from './bptt.ts';
import type { ModeOptions, SequenceMode } from './sequence-mode.ts';
import type { SequenceModel } from './sequence-model.ts';
import { Unrolling } from './unrolling.ts';

export interface EncoderDecoderOptions extends ModeOptions {
  /** Reads the inputs; nothing of it is read but its last state. Its state has the size of the decoder's. */
  readonly encoder: SequenceModel;
  readonly inputSteps: number;
  readonly outputSteps: number;
  /**
   * `own`: the decoder's first input is zero, each later one its output before: training is what running will be. `given`: the
   * caller fills `decoderInput`, in training with the targets one step late (teacher forcing, Williams & Zipser 1989).
   */
  readonly feed: 'own' | 'given';
}

/**
 * Sequences of one length into sequences of another (Sutskever, Vinyals & Le 2014; Cho et al. 2014): the encoder's last state is
 * the decoder's first. Parameters: the encoder's, then the decoder's (`model`).
 */
export class EncoderDecoder implements SequenceMode {
  readonly input: Floats;
  readonly parameterCount: number;
  private readonly options: EncoderDecoderOptions;
  private readonly encoder: Unrolling;
  private readonly decoder: Bptt;

  constructor(options: EncoderDecoderOptions) {
    const { encoder, model, rows, inputSteps, outputSteps: steps, feed } = options;
    const { floats = Float32Array } = options;
    const [S, wanted] = [encoder.cell.stateSize, model.cell.stateSize];
    if (S !== wanted) throw new RangeError(`the encoder's state must have ${wanted}, had ${S}`);
    const at = encoder.parameterCount;
    this.options = options;
    this.parameterCount = at + model.parameterCount;
    this.encoder = new Unrolling({
      model: encoder,
      at: 0,
      rows,
      kept: inputSteps,
      again: false,
      floats,
    });
    const given = feed === 'own' ? 1 : steps;
    this.decoder = new Bptt({ ...options, steps, given, readFrom: 0, at });
    this.input = new floats(inputSteps * rows * encoder.cell.inputSize);
  }

  get target(): Floats {
    return this.decoder.target;
  }

  get mask(): Uint8Array {
    return this.decoder.mask;
  }

  get output(): Floats {
    return this.decoder.output;
  }

  /** Decoder's inputs that are not its own outputs, time-major: one step with `own`, all with `given`. */
  get decoderInput(): Floats {
    return this.decoder.input;
  }

  forward(parameters: Floats): void {
    this.encode(parameters);
    this.decoder.forward(parameters);
  }

  train(parameters: Floats, gradients: Floats): number {
    this.encode(parameters);
    const mean = this.decoder.train(parameters, gradients);
    for (let t = this.options.inputSteps - 1; t >= 0; t--) {
      this.encoder.backward(t, parameters, gradients, this.decoder.dStart);
    }
    return mean;
  }

  private encode(parameters: Floats): void {
    const { encoder: model, rows, inputSteps } = this.options;
    this.encoder.state.fill(0);
    for (let t = 0; t < inputSteps; t++) {
      this.encoder.forward(t, parameters, this.input, t * rows * model.cell.inputSize);
    }
    this.decoder.start.set(this.encoder.state);
  }
}
