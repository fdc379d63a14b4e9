/** Rows as `queries.ts` gives them. oids are text: they only serve as keys. */

export type Acl = readonly (readonly [grantee: string, privilege: string, grantable: boolean])[] | null;

export interface SchemaRow {
  oid: string;
  name: string;
  owner: string;
  acl: Acl;
}
export interface TypeRow {
  oid: string;
  name: string;
  schema: string;
  kind: string;
  relation: string;
  element: string | null;
  storage: string;
}
export interface UserTypeRow {
  oid: string;
  name: string;
  schema: string;
  kind: string;
  defined: boolean;
  owner: string;
  acl: Acl;
  base: string;
  formatted: string | null;
  notNull: boolean;
  default: string | null;
  collation: string | null;
  labels: string[] | null;
  subtype: string | null;
  multirange: string | null;
}
export interface RelationRow {
  oid: string;
  rowType: string;
  name: string;
  schema: string;
  kind: string;
  persistence: string;
  owner: string;
  acl: Acl;
  options: string[] | null;
  toastOptions: string[] | null;
  tablespace: string | null;
  accessMethod: string | null;
  rowSecurity: boolean;
  forceRowSecurity: boolean;
  replicaIdentity: string;
  ofType: string | null;
  populated: boolean;
  columns: number;
  strategy: string | null;
  partitionColumns: string | null;
  bound: string | null;
  server: string | null;
  query: string | null;
}
export interface ColumnRow {
  relation: string;
  number: number;
  name: string;
  type: string;
  formatted: string | null;
  modifier: number;
  notNull: boolean;
  defaultOid: string | null;
  default: string | null;
  generated: string;
  identity: string;
  collation: string | null;
  storage: string | null;
  compression: string;
  statistics: number | null;
  options: string[] | null;
  acl: Acl;
  local: boolean;
  inheritCount: number;
}
export interface ConstraintRow {
  oid: string;
  name: string;
  kind: string;
  relation: string;
  type: string;
  deferrable: boolean;
  deferred: boolean;
  validated: boolean;
  enforced: boolean;
  period: boolean;
  noInherit: boolean;
  local: boolean;
  inheritCount: number;
  parent: string | null;
  columns: number[] | null;
  referenced: string;
  referencedColumns: number[] | null;
  index: string;
  match: string;
  onUpdate: string;
  onDelete: string;
  setColumns: number[] | null;
  definition: string | null;
}
export interface IndexRow {
  oid: string;
  table: string;
  unique: boolean;
  valid: boolean;
  clustered: boolean;
  replicaIdentity: boolean;
  method: string;
  nullsNotDistinct: boolean;
  keyCount: number;
  keys: string;
  orders: string;
  classes: (string | null)[] | null;
  collations: (string | null)[] | null;
  predicate: string | null;
  expressions: string[] | null;
}
export interface TriggerRow {
  oid: string;
  name: string;
  relation: string;
  type: number;
  enabled: string;
  function: string;
  constraint: boolean;
  columns: string;
  parent: string | null;
  definition: string;
}
export interface PolicyRow {
  oid: string;
  name: string;
  relation: string;
  command: string;
  permissive: boolean;
  roles: string[] | null;
  using: string | null;
  check: string | null;
}
export interface RuleRow {
  oid: string;
  name: string;
  relation: string;
  enabled: string;
  definition: string | null;
}
export interface SequenceRow {
  oid: string;
  dataType: string;
  start: string;
  increment: string;
  minimum: string;
  maximum: string;
  cache: string;
  cycle: boolean;
  ownerRelation: string | null;
  ownerColumn: number | null;
  internal: boolean | null;
}
export interface FunctionRow {
  oid: string;
  name: string;
  schema: string;
  kind: string;
  language: string;
  volatility: string;
  strict: boolean;
  leakproof: boolean;
  parallel: string;
  securityDefiner: boolean;
  settings: string[] | null;
  returns: string;
  returnsSet: boolean;
  inputTypes: string[];
  allTypes: string[] | null;
  modes: string[] | null;
  names: string[] | null;
  defaults: number;
  owner: string;
  acl: Acl;
  body: string | null;
  definition: string | null;
}
export interface DependencyRow {
  class: string;
  oid: string;
  onClass: string;
  onOid: string;
  onColumn: number;
}
export interface OtherRow {
  class: string;
  oid: string;
  kind: string;
  schema: string | null;
  name: string;
  a: string | null;
  b: string | null;
  owner: string | null;
  relations: string[] | null;
}
export interface DefaultPrivilegeRow {
  role: string;
  schema: string | null;
  objects: string;
  acl: Acl;
}
