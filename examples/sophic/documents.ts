import { type Collection, listRows, putRow, type Row } from '../rows.ts';

export interface Document {
  readonly id: string;
  readonly title: string;
  readonly content: string;
  /** The user who captured it; `null` for the documents that every workspace starts with. */
  readonly created_by: string | null;
  /** ISO 8601 in UTC. */
  readonly created_at: string;
}

/** A line of a document that holds the pattern. */
export interface Match {
  readonly document_id: string;
  readonly title: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

interface DocumentRow extends Row {
  readonly content: string;
  readonly created_by: string | null;
  readonly created_at: string;
}

const SEEDS: readonly DocumentRow[] = [
  {
    id: 'doc_welcome',
    name: 'Welcome',
    content: 'Documents of a workspace are found by search and by grep.\nNew ones are captured.',
    created_by: null,
    created_at: '2026-01-01T00:00:00.000Z',
  },
  {
    id: 'doc_onboarding',
    name: 'Onboarding',
    content: 'Day one: a laptop and a key.\nDay two: a first capture.',
    created_by: null,
    created_at: '2026-01-02T00:00:00.000Z',
  },
];

const documentsOf = (workspace: string): Collection => ({ workspace, name: 'documents', seeds: SEEDS });

export async function listDocuments(workspace: string): Promise<Document[]> {
  const rows = (await listRows(documentsOf(workspace))) as DocumentRow[];
  return rows.map(({ id, name, content, created_by, created_at }) => ({
    id,
    title: name,
    content,
    created_by,
    created_at,
  }));
}

/** The documents whose title or content holds a text. The case of letters does not matter. */
export async function searchDocuments(workspace: string, text: string): Promise<Document[]> {
  const wanted = text.toLowerCase();
  const documents = await listDocuments(workspace);
  return documents.filter(({ title, content }) => `${title}\n${content}`.toLowerCase().includes(wanted));
}

/**
 * The lines that hold a pattern, letter for letter, as with `grep -F`. A regular expression of a caller could keep the
 * function busy for a long time.
 */
export async function grepDocuments(workspace: string, pattern: string): Promise<Match[]> {
  const documents = await listDocuments(workspace);
  return documents.flatMap(({ id, title, content }) =>
    content
      .split('\n')
      .map((text, index) => ({ document_id: id, title, line: index + 1, text }))
      .filter(({ text }) => text.includes(pattern)),
  );
}

/** Writes a document in the name of a user. */
export async function captureDocument(
  { workspace, user }: { readonly workspace: string; readonly user: string },
  { title, content }: { readonly title: string; readonly content: string },
): Promise<Document> {
  const own = {
    id: `doc_${crypto.randomUUID()}`,
    created_by: user,
    created_at: new Date().toISOString(),
  };
  await putRow(documentsOf(workspace), { ...own, name: title, content });
  return { ...own, title, content };
}
