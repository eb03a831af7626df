import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** One operation as it was sent, and what it is billed. */
export interface Operation {
  readonly name: string;
  readonly input: object;
  /** `undefined` for one that failed: DynamoDB bills it and does not say what. */
  readonly capacityUnits: number | undefined;
}

type Send = (command: Command) => Promise<{ ConsumedCapacity?: { CapacityUnits?: number } }>;

interface Command {
  readonly input: object;
}

/**
 * The operations that `work` asks a client for. They are asked what they consume, which a store does not; nothing else
 * about them is changed. What else uses the client meanwhile is observed as well.
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
    // The method of the class shows again.
    Reflect.deleteProperty(client, 'send');
  }
  return operations;
}
