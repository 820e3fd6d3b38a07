// biome-ignore-all lint/style/noDefaultExport: these files are CommonJS, whose one export is the default of an import.
/** The parts of kafkajs 2.2.4 below its clients that we use (docs/decisions/0006). Its own types leave them out. */

declare module 'kafkajs/src/cluster/index.js' {
  import type Broker from 'kafkajs/src/broker/index.js';
  import type { ConnectionPool } from 'kafkajs/src/broker/index.js';

  export default class Cluster {
    constructor(options: Readonly<Record<string, unknown>>);
    readonly brokerPool: { findConnectedBroker(): Promise<Broker> };
    readonly connectionPoolBuilder: {
      build(address: { host: string; port: number }): Promise<ConnectionPool>;
    };
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    refreshMetadata(): Promise<void>;
    addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
    findLeaderForPartitions(
      topic: string,
      partitions: readonly number[],
    ): Readonly<Record<string, readonly number[]>>;
    findBroker(node: { nodeId: string }): Promise<Broker>;
    findGroupCoordinator(group: { groupId: string }): Promise<Broker>;
  }
}

declare module 'kafkajs/src/broker/index.js' {
  export interface ConnectionPool {
    readonly host: string;
    readonly port: number;
    getConnectionByRequest: (request: unknown) => Promise<unknown>;
    getConnection(index?: number): Promise<unknown>;
    send(request: unknown): Promise<unknown>;
    isConnected(): boolean;
  }
  export interface JoinedGroup {
    readonly generationId: number;
    readonly leaderId: string;
    readonly memberId: string;
    readonly members: readonly { memberId: string; memberMetadata: Buffer }[];
  }
  interface PartitionAnswer {
    readonly partition: number;
    readonly offset: string;
  }
  export default class Broker {
    constructor(options: Readonly<Record<string, unknown>>);
    readonly connectionPool: ConnectionPool;
    readonly versions: unknown;
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    isConnected(): boolean;
    listOffsets(
      request: Readonly<Record<string, unknown>>,
    ): Promise<{ responses: { partitions: PartitionAnswer[] }[] }>;
    initProducerId(
      request: Readonly<Record<string, unknown>>,
    ): Promise<{ producerId: string; producerEpoch: number }>;
    findGroupCoordinator(request: { groupId: string; coordinatorType: number }): Promise<unknown>;
    joinGroup(request: Readonly<Record<string, unknown>>): Promise<JoinedGroup>;
    syncGroup(request: Readonly<Record<string, unknown>>): Promise<{ memberAssignment: Buffer }>;
    heartbeat(request: Readonly<Record<string, unknown>>): Promise<unknown>;
    leaveGroup(request: Readonly<Record<string, unknown>>): Promise<unknown>;
    offsetCommit(request: Readonly<Record<string, unknown>>): Promise<unknown>;
  }
}

declare module 'kafkajs/src/network/connection.js' {
  import type { Socket } from 'node:net';

  export default class Connection {
    constructor(options: Readonly<Record<string, unknown>>);
    socket: Socket | null;
    connect(): Promise<boolean>;
    disconnect(): Promise<boolean>;
    send(question: { readonly request: { readonly apiName: string } }): Promise<unknown>;
  }
}

declare module 'kafkajs/src/loggers/index.js' {
  const loggers: {
    createLogger(options: { level: number; logCreator: () => () => void }): unknown;
  };
  export default loggers;
}

declare module 'kafkajs/src/network/socketFactory.js' {
  export default function socketFactory(): unknown;
}

declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    readonly pending: readonly unknown[];
    readonly throttledUntil: number;
    throttleCheckTimeoutId: NodeJS.Timeout | null;
    checkPendingRequests(): void;
    scheduleCheckPendingRequests(): void;
  }
}

declare module 'kafkajs/src/protocol/encoder.js' {
  export default class Encoder {
    constructor(initialSize?: number);
    writeInt8(value: number): this;
    writeInt16(value: number): this;
    writeInt32(value: number): this;
    writeInt64(value: string): this;
    /** Its length as an int32, then itself. */
    writeBytes(value: Buffer): this;
    writeString(value: string): this;
    writeBuffer(value: Buffer): this;
  }
}

declare module 'kafkajs/src/protocol/error.js' {
  const errors: { createErrorFromCode(code: number): Error };
  export default errors;
}
