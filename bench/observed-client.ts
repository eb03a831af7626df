import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** One operation as it was sent, and its billed capacity. */
export interface Operation {
  readonly name: string;
  readonly input: object;
  /** `undefined` if it failed. DynamoDB bills a failed operation but does not say how much. */
  readonly capacityUnits: number | undefined;
}

type Send = (command: Command) => Promise<{ ConsumedCapacity?: { CapacityUnits?: number } }>;

interface Command {
  readonly input: object;
}

/**
 * Records the operations that `work` sends with a client. It asks DynamoDB for the consumed capacity and changes nothing
 * else. It also records what others send with this client meanwhile.
 */
export async function observe(client: DynamoDBClient, work: () => Promise<void>): Promise<Operation[]> {
  const operations: Operation[] = [];
  const send = client.send.bind(client) as unknown as Send;
  const observed = async (command: Command) => {
    const input = { ...command.input };
    Object.assign(command.input, { ReturnConsumedCapacity: 'TOTAL' });
    const name = command.constructor.name.replace(/Command$/, '');
    try {
      const answer = await send(command);
      operations.push({ name, input, capacityUnits: answer.ConsumedCapacity?.CapacityUnits });
      return answer;
    } catch (error) {
      operations.push({ name, input, capacityUnits: undefined });
      throw error;
    }
  };
  Object.assign(client, { send: observed });
  try {
    await work();
  } finally {
    // Restores the method of the class.
    Reflect.deleteProperty(client, 'send');
  }
  return operations;
}
