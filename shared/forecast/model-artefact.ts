import { CorruptBytesError } from '#shared/errors.ts';
import { initialParameters } from '#shared/nn/initial-parameters.ts';
import type { NetworkShape } from '#shared/nn/network-shape.ts';
import { PARAMETER_LAYOUT_VERSION, parameterLayout } from '#shared/nn/parameters.ts';
import { ByteReader } from '#shared/numeric/byte-reader.ts';
import { ByteWriter } from '#shared/numeric/byte-writer.ts';
import { crc32 } from '#shared/numeric/crc32.ts';
import type { ForecasterSettings } from './forecaster-settings.ts';
import { networkTargets } from './network-targets.ts';

const VERSION = 1;

/** What training needs to go on where it stopped; P numbers each. */
export interface TrainingState {
  /** The optimiser's own parameters, of which `weights` is the running mean. */
  readonly raw: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  /** Optimiser steps since the lineage began. */
  readonly updates: number;
}

/** A model: parameters for forecasts, the optimiser's state, and what both were made for. Known by the sha256 of its bytes. */
export interface Model {
  readonly shape: NetworkShape;
  /** Version of the feature vector that the inputs must come from. */
  readonly featureVersion: number;
  readonly horizons: readonly number[];
  readonly levels: readonly number[];
  /** Running mean of `training.raw`; every forecast uses these. */
  readonly weights: Float32Array;
  readonly training: TrainingState;
  /** Equal for all models that descend from one another by refreshes. */
  readonly lineage: string;
  /** Hex sha256 of the model this one was trained from; empty for the first. */
  readonly parentSha: string;
}

/** What a header leaves out: models from before there were other cells have neither, and keep their sha. */
const FIRST_RECURRENCE = { cell: 'lstm', layers: 1 } as const;

type StoredShape = Omit<NetworkShape, 'cell' | 'layers'> & Partial<NetworkShape>;

interface Header {
  readonly layoutVersion: number;
  readonly shape: StoredShape;
  readonly featureVersion: number;
  readonly horizons: readonly number[];
  readonly levels: readonly number[];
  readonly updates: number;
  readonly lineage: string;
  readonly parentSha: string;
}

/** Bytes: version u8, header length u32, header as JSON, four blocks of P float32, crc32 of all before. */
export function encodeModel(model: Model): Uint8Array {
  const { shape, featureVersion, horizons, levels, training, lineage, parentSha } = model;
  const header: Header = {
    layoutVersion: PARAMETER_LAYOUT_VERSION,
    shape: storedShapeOf(shape),
    featureVersion,
    horizons,
    levels,
    updates: training.updates,
    lineage,
    parentSha,
  };
  const headerBytes = new TextEncoder().encode(JSON.stringify(header));
  const writer = new ByteWriter(9 + headerBytes.length + 16 * model.weights.length);
  writer.u8(VERSION);
  writer.u32(headerBytes.length);
  writer.bytes(headerBytes);
  writer.f32s(model.weights);
  writer.f32s(training.raw);
  writer.f32s(training.firstMoment);
  writer.f32s(training.secondMoment);
  writer.u32(crc32(writer.written()));
  return writer.finish();
}

/** @throws CorruptBytesError `BYTES_CORRUPT` for a wrong version, layout, length or checksum */
export function decodeModel(bytes: Uint8Array): Model {
  const reader = new ByteReader(bytes, 'model artefact');
  const version = reader.u8();
  if (version !== VERSION) {
    throw new CorruptBytesError(`a model artefact's version is ${VERSION}, was ${version}`);
  }
  const body = bytes.subarray(0, Math.max(0, bytes.length - 4));
  const stored = new ByteReader(bytes.subarray(body.length), 'checksum of a model artefact').u32();
  if (crc32(body) !== stored) {
    throw new CorruptBytesError(`a model artefact of ${bytes.length} bytes fails its checksum`);
  }
  const header = headerOf(reader.bytes(reader.u32()));
  const { updates, layoutVersion, ...kept } = header;
  const shape = { ...FIRST_RECURRENCE, ...header.shape };
  const count = parameterCountOf(shape);
  if (reader.remaining !== 16 * count + 4) {
    throw new CorruptBytesError(
      `a model of ${count} parameters ends with ${16 * count + 4} bytes, had ${reader.remaining}`,
    );
  }
  const weights = reader.f32s(count);
  const training = {
    raw: reader.f32s(count),
    firstMoment: reader.f32s(count),
    secondMoment: reader.f32s(count),
    updates,
  };
  return { ...kept, shape, weights, training };
}

function headerOf(bytes: Uint8Array): Header {
  // The checksum has passed: these are the bytes we wrote, only their age is in question.
  const header = JSON.parse(new TextDecoder().decode(bytes)) as Header;
  if (header.layoutVersion !== PARAMETER_LAYOUT_VERSION) {
    throw new CorruptBytesError(
      `a model's parameter layout is ${PARAMETER_LAYOUT_VERSION}, was ${header.layoutVersion}`,
    );
  }
  return header;
}

function parameterCountOf(shape: NetworkShape): number {
  try {
    return parameterLayout(shape).length;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CorruptBytesError(`a model artefact's shape: ${error.message}`, {}, error);
  }
}

function storedShapeOf({ cell, layers, ...sizes }: NetworkShape): StoredShape {
  const { inputSize, hiddenSize, headSize, outputSize } = sizes;
  const stored = { inputSize, hiddenSize, headSize, outputSize };
  const isFirst = cell === FIRST_RECURRENCE.cell && layers === FIRST_RECURRENCE.layers;
  return isFirst ? stored : { ...stored, cell, layers };
}

/** The untrained model of a run: the same settings give the same bytes, so every process knows its sha without a record. */
export function initialModel(
  settings: ForecasterSettings,
  inputSize: number,
  featureVersion: number,
): Uint8Array {
  const { horizons, cell, layers, hiddenSize, headSize, seed } = settings;
  const { levels, count, spreads } = networkTargets(settings);
  const outputSize = count * levels.length;
  const shape = { cell, layers, inputSize, hiddenSize, headSize, outputSize };
  const weights = initialParameters(shape, { levels, spreads, seed });
  return encodeModel({
    shape,
    featureVersion,
    horizons,
    levels,
    weights,
    training: {
      raw: weights,
      firstMoment: new Float32Array(weights.length),
      secondMoment: new Float32Array(weights.length),
      updates: 0,
    },
    lineage: `seed-${seed}`,
    parentSha: '',
  });
}
