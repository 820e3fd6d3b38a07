import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import { eventLogContract } from '#test/contract/event-log.contract.ts';

eventLogContract('the memory log', async ({ partitionCount = 2, retainRecords }) => {
  const log = openMemoryLog({
    partitionCount,
    ...(retainRecords === undefined ? {} : { retainRecords }),
  });
  return { log, close: () => log.close() };
});
