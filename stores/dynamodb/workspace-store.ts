import { GetItemCommand, type TransactWriteItem, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Member, Workspace } from '../../core/workspace.ts';
import type { WorkspaceStore } from '../../core/workspace-store.ts';
import { failedConditions, reading } from './contention.ts';
import { putEvent } from './event-item.ts';
import { toItem } from './key-item.ts';
import { memberKey, type Tables, userKey, userWorkspaceKey, workspaceKey } from './tables.ts';

type WorkspaceTables = Pick<Tables, 'client' | 'records' | 'events'>;

export function dynamoWorkspaceStore(tables: WorkspaceTables): WorkspaceStore {
  const { client, records } = tables;

  async function read(key: { pk: string; sk: string }) {
    const { Item } = await reading(() =>
      client.send(new GetItemCommand({ TableName: records, Key: toItem(key), ConsistentRead: true })),
    );
    if (Item === undefined) return undefined;
    const { pk, sk, ...value } = unmarshall(Item);
    return value;
  }

  const put = (item: object) => ({
    Put: { TableName: records, Item: toItem(item), ConditionExpression: 'attribute_not_exists(pk)' },
  });
  /** Where a user is, written with the membership itself: tokens are issued on it. */
  const joinUser = (userId: string, slug: string): TransactWriteItem[] => [
    { Put: { TableName: records, Item: toItem(userWorkspaceKey(userId, slug)) } },
    {
      Update: {
        TableName: records,
        Key: toItem(userKey(userId)),
        UpdateExpression: 'ADD version :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      },
    },
  ];
  const putAll = (TransactItems: TransactWriteItem[]) =>
    failedConditions(() => client.send(new TransactWriteItemsCommand({ TransactItems })));

  return {
    async create(workspace, ownerId, event) {
      const owner: Member = {
        workspace: workspace.slug,
        userId: ownerId,
        role: 'owner',
        createdAt: workspace.createdAt,
        version: 1,
      };
      const failed = await putAll([
        put({ ...workspaceKey(workspace.slug), ...workspace }),
        put({ ...memberKey(workspace.slug, ownerId), ...owner }),
        ...joinUser(ownerId, workspace.slug),
        putEvent(tables, event),
      ]);
      return failed.length === 0 ? 'created' : 'slug_taken';
    },

    async get(slug) {
      return (await read(workspaceKey(slug))) as Workspace | undefined;
    },

    async addMember(member, event) {
      const failed = await putAll([
        put({ ...memberKey(member.workspace, member.userId), ...member }),
        ...joinUser(member.userId, member.workspace),
        putEvent(tables, event),
      ]);
      return failed.length === 0 ? 'added' : 'is_member';
    },

    async getMember(slug, userId) {
      return (await read(memberKey(slug, userId))) as Member | undefined;
    },
  };
}
