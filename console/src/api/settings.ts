/** The shapes of keys and imports. */

export interface ApiKey {
  key_id: string;
  kind: "write" | "admin";
  name: string;
  created_at: string | null;
  revoked_at: string | null;
  hint?: string | null;
  key?: string | null;
}

export interface ImportRun {
  import_id?: string;
  at?: string | null;
  name?: string | null;
  file?: string | null;
  kind: string;
  dry_run?: boolean;
  read: number;
  accepted: number;
  duplicate: number;
  rejected: number;
  rejected_file?: string | null;
}
