import type { ColumnRef, CommonTableExpr, JoinExpr, Node, RangeVar, SelectStmt, WithClause } from '@pgsql/types';
import type { CatalogView, Dependencies, TypeReference } from './catalog.ts';
import { acceptsArguments, parseQualifiedName } from './expressions.ts';
import { figureName } from './figuredNames.ts';
import { aliased, rangeFunction, renamed, single, unify, withWholeRows } from './fromItems.ts';
import { hasColumns, resolveFunctions, resolveRelation } from './lookup.ts';
import { itemsOf, nameOf, nameOfRangeVar, nameText, strings } from './nodes.ts';
import type { Name } from './nodes.ts';
import { inferType } from './inferTypes.ts';
import { isSystemSchema } from './targets.ts';
import { builtinType, resolveType } from './typeNames.ts';
import type { From, FromItem, QueryColumn, Scope, StarColumn } from './queryScope.ts';

/** Where in its tree a query names what: the nodes themselves, so that a copy with other names can be made. */
export interface QueryReferences {
  /** ColumnRef → `<relation id>.<column number>`. */
  readonly columns: ReadonlyMap<object, string>;
  /** RangeVar → relation id. */
  readonly relations: ReadonlyMap<object, number>;
  /** ResTarget with `*` → what it stands for. */
  readonly stars: ReadonlyMap<object, readonly StarColumn[]>;
}

/** One query's walk: what it gives, and what it names. `query.ts` has the questions that others ask. */
export class QueryAnalyzer {
  readonly unknown = new Map<string, Name>();
  readonly references = {
    columns: new Map<object, string>(),
    relations: new Map<object, number>(),
    stars: new Map<object, readonly StarColumn[]>(),
  } satisfies QueryReferences;
  readonly catalog: CatalogView;
  readonly #relations = new Set<number>();
  readonly #columns = new Set<string>();
  readonly #functions = new Set<number>();
  readonly #types = new Set<number>();

  constructor(catalog: CatalogView) {
    this.catalog = catalog;
  }

  dependencies(): Dependencies {
    return {
      relations: [...this.#relations],
      columns: [...this.#columns],
      functions: [...this.#functions],
      types: [...this.#types],
    };
  }

  isStatement(node: Node): boolean {
    return (
      'SelectStmt' in node ||
      'InsertStmt' in node ||
      'UpdateStmt' in node ||
      'DeleteStmt' in node ||
      'MergeStmt' in node
    );
  }

  statement(node: Node, scope: Scope): readonly QueryColumn[] {
    if ('SelectStmt' in node) return this.select(node.SelectStmt, scope);
    if ('InsertStmt' in node) return this.#dataChange(node.InsertStmt, scope, 'insert');
    if ('UpdateStmt' in node) return this.#dataChange(node.UpdateStmt, scope, 'update');
    if ('DeleteStmt' in node) return this.#dataChange(node.DeleteStmt, scope, null);
    return 'MergeStmt' in node ? this.#dataChange(node.MergeStmt, scope, null) : [];
  }

  select(node: SelectStmt, given: Scope): readonly QueryColumn[] {
    const scope = this.#withCtes(node.withClause, given);
    if (node.larg !== undefined && node.rarg !== undefined) {
      const left = this.select(node.larg, scope);
      const right = this.select(node.rarg, scope);
      this.expressions([...(node.sortClause ?? [])], { ...scope, items: [] });
      return left.map((column, at) => ({ ...column, type: unify(column.type, right[at]?.type ?? null), source: null }));
    }
    if (node.valuesLists !== undefined) return this.#values(node.valuesLists, scope);
    const from = this.#from(node.fromClause ?? [], scope);
    const inner: Scope = { items: from.items, outer: [...given.outer, ...given.items], ctes: scope.ctes };
    const columns = (node.targetList ?? []).flatMap((target) => this.#target(target, inner, from));
    const { targetList: _targets, fromClause: _from, withClause: _with, intoClause: _into, ...rest } = node;
    for (const part of Object.values(rest)) this.expressions(part, inner);
    return columns;
  }

  expressions(part: unknown, scope: Scope): void {
    if (Array.isArray(part)) for (const item of part) this.expression(item as Node, scope);
    else if (typeof part === 'object' && part !== null) this.expression(part, scope);
  }

  /** Notes what an expression hangs on. */
  expression(node: unknown, scope: Scope): void {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      for (const item of node) this.expression(item, scope);
      return;
    }
    const fields = node as Readonly<Record<string, unknown>>;
    for (const key in fields) {
      const child = fields[key];
      if (typeof child !== 'object' || child === null) continue;
      if (key === 'A_Const') continue;
      if (key === 'ColumnRef') this.#noteColumn(child, scope);
      else if (key === 'SelectStmt') this.select(child, scope);
      else if (key === 'typeName' || key === 'TypeName') this.noteType(child);
      else {
        if (key === 'FuncCall') this.#noteFunction(child);
        if (key === 'TypeCast') this.#noteRegclass(child);
        this.expression(key === 'FuncCall' ? withWholeRows(child) : child, scope);
      }
    }
  }

  noteType(typeName: object): TypeReference {
    const type = resolveType(this.catalog, typeName);
    if (type.id !== null) this.#types.add(type.id);
    return type;
  }

  relationItem(id: number, alias: string): FromItem {
    const relation = this.catalog.relations.get(id);
    if (relation === undefined) return { alias, schema: undefined, relation: null, columns: [] };
    const columns =
      relation.kind === 'sequence' || !hasColumns(relation)
        ? []
        : relation.columns.map((column) => ({
            name: column.name,
            type: column.type,
            source: `${id}.${column.number}`,
            collation: column.collation,
          }));
    return { alias, schema: relation.schema, relation: id, columns };
  }

  resolve(reference: ColumnRef, scope: Scope): QueryColumn | undefined {
    const names = strings((reference.fields ?? []).filter((field) => 'String' in field));
    const column = names.at(-1) ?? '';
    for (const items of [scope.items, scope.outer.toReversed()]) {
      for (const item of items) {
        if (names.length > 1 && item.alias !== names.at(-2)) continue;
        const found = item.columns.find(({ name }) => name === column);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  #noteColumn(reference: ColumnRef, scope: Scope): void {
    const fields = reference.fields ?? [];
    const star = fields.some((field) => 'A_Star' in field);
    const names = strings(fields.filter((field) => 'String' in field));
    if (!star) {
      const found = this.resolve(reference, scope);
      if (found !== undefined) {
        if (found.source !== null) {
          this.#columns.add(found.source);
          this.references.columns.set(reference, found.source);
        }
        return;
      }
    }
    const alias = names.at(-1);
    for (const item of [...scope.items, ...scope.outer]) {
      if (alias !== undefined && item.alias !== alias) continue;
      if (star) for (const column of item.columns) if (column.source !== null) this.#columns.add(column.source);
      // The table's name as a value: its whole row.
      if (!star && item.relation !== null) this.#columns.add(`${item.relation}.*`);
      if (alias !== undefined) return;
    }
  }

  #noteFunction(call: { funcname?: Node[]; args?: Node[] }): void {
    const { schema, name } = nameOf(call.funcname);
    const overloads = resolveFunctions(this.catalog, schema, name);
    for (const overload of overloads) {
      if (acceptsArguments(overload, call.args?.length ?? 0)) this.#functions.add(overload.id);
    }
    const [first] = call.args ?? [];
    if (SEQUENCE_FUNCTIONS.has(name) && first !== undefined && 'A_Const' in first)
      this.#noteRelation(first.A_Const.sval?.sval);
  }

  #noteRegclass(cast: { arg?: Node; typeName?: { names?: Node[] } }): void {
    if (strings(cast.typeName?.names).at(-1) !== 'regclass' || cast.arg === undefined) return;
    if ('A_Const' in cast.arg) this.#noteRelation(cast.arg.A_Const.sval?.sval);
  }

  #noteRelation(text: string | undefined): void {
    if (text === undefined) return;
    const { schema, name } = parseQualifiedName(text);
    const relation = resolveRelation(this.catalog, schema, name);
    if (relation !== undefined) this.#relations.add(relation.id);
  }

  #withCtes(clause: WithClause | undefined, scope: Scope): Scope {
    if (clause === undefined) return scope;
    const ctes = new Map(scope.ctes);
    for (const node of clause.ctes ?? []) {
      if (!('CommonTableExpr' in node)) continue;
      const cte = node.CommonTableExpr;
      const name = cte.ctename ?? '';
      if (clause.recursive === true) ctes.set(name, this.#recursiveColumns(cte, { ...scope, ctes }));
      const columns = cte.ctequery === undefined ? [] : this.statement(cte.ctequery, { ...scope, items: [], ctes });
      ctes.set(name, renamed(columns, strings(cte.aliascolnames)));
    }
    return { ...scope, ctes };
  }

  /** A recursive CTE has the columns of its first arm. */
  #recursiveColumns(cte: CommonTableExpr, scope: Scope): readonly QueryColumn[] {
    const query = cte.ctequery !== undefined && 'SelectStmt' in cte.ctequery ? cte.ctequery.SelectStmt : undefined;
    const arm = query?.larg ?? undefined;
    if (arm === undefined) return [];
    const quiet = new QueryAnalyzer(this.catalog);
    return renamed(quiet.select(arm, { ...scope, items: [] }), strings(cte.aliascolnames));
  }

  #values(lists: readonly Node[], scope: Scope): readonly QueryColumn[] {
    this.expressions(lists, scope);
    return itemsOf(lists[0]).map((value, at) => ({
      name: `column${at + 1}`,
      type: inferType(this, value, scope),
      source: null,
      collation: null,
    }));
  }

  #target(target: Node, scope: Scope, from: From): readonly QueryColumn[] {
    if (!('ResTarget' in target)) return [];
    const { val, name } = target.ResTarget;
    if (val === undefined) return [];
    this.expression({ val }, scope);
    if ('ColumnRef' in val) {
      const fields = val.ColumnRef.fields ?? [];
      if (fields.some((field) => 'A_Star' in field)) {
        const alias = strings(fields.filter((field) => 'String' in field)).at(-1);
        const columns =
          alias === undefined
            ? from.star
            : ([...scope.items, ...scope.outer].find((item) => item.alias === alias)?.columns ?? []);
        const stands = columns.map((column) => ({ name: column.name, of: alias ?? column.of ?? null }));
        this.references.stars.set(target.ResTarget, stands);
        return columns;
      }
      const found = this.resolve(val.ColumnRef, scope);
      const own = strings(fields).at(-1) ?? '?column?';
      if (found !== undefined) return [{ ...found, name: name ?? own }];
    }
    const type = inferType(this, val, scope);
    return [{ name: name ?? figureName(val) ?? '?column?', type, source: null, collation: null }];
  }

  #from(nodes: readonly Node[], scope: Scope): From {
    const items: FromItem[] = [];
    const star: QueryColumn[] = [];
    for (const node of nodes) {
      const part = this.#fromItem(node, { ...scope, outer: [...scope.outer, ...scope.items, ...items] });
      items.push(...part.items);
      star.push(...part.star);
    }
    return { items, star };
  }

  #fromItem(node: Node, scope: Scope): From {
    if ('RangeVar' in node) {
      const { alias } = node.RangeVar;
      const name = nameOfRangeVar(node.RangeVar);
      return single(aliased(this.#relation(name, scope, node.RangeVar), alias));
    }
    if ('RangeSubselect' in node) {
      const { subquery, alias } = node.RangeSubselect;
      const columns = subquery === undefined ? [] : this.statement(subquery, { ...scope, items: [] });
      return single(aliased({ alias: '', schema: undefined, relation: null, columns }, alias));
    }
    if ('JoinExpr' in node) return this.#join(node.JoinExpr, scope);
    if ('RangeFunction' in node) return single(rangeFunction(this, node.RangeFunction, scope));
    if ('RangeTableSample' in node && node.RangeTableSample.relation !== undefined) {
      this.expressions(node.RangeTableSample.args, scope);
      return this.#fromItem(node.RangeTableSample.relation, scope);
    }
    if ('RangeTableFunc' in node || 'JsonTable' in node) {
      this.expression(node, scope);
      const { columns, alias } = 'RangeTableFunc' in node ? node.RangeTableFunc : node.JsonTable;
      const found = (columns ?? []).flatMap((column): QueryColumn[] => {
        const inner =
          'RangeTableFuncCol' in column
            ? { name: column.RangeTableFuncCol.colname, typeName: column.RangeTableFuncCol.typeName }
            : 'JsonTableColumn' in column
              ? column.JsonTableColumn
              : null;
        if (inner?.name === undefined) return [];
        const type = inner.typeName === undefined ? builtinType('int4') : resolveType(this.catalog, inner.typeName);
        return [{ name: inner.name, type, source: null, collation: null }];
      });
      return single(aliased({ alias: '', schema: undefined, relation: null, columns: found }, alias));
    }
    return { items: [], star: [] };
  }

  #relation(
    name: { readonly schema: string | undefined; readonly name: string },
    scope: Scope,
    node: RangeVar,
  ): FromItem {
    const cte = name.schema === undefined ? scope.ctes.get(name.name) : undefined;
    if (cte !== undefined) return { alias: name.name, schema: undefined, relation: null, columns: cte };
    const relation = resolveRelation(this.catalog, name.schema, name.name);
    if (relation === undefined) {
      if (!(name.schema !== undefined && isSystemSchema(name.schema)) && !name.name.startsWith('pg_')) {
        this.unknown.set(nameText(name), name);
      }
      return { alias: name.name, schema: name.schema, relation: null, columns: [] };
    }
    this.#relations.add(relation.id);
    this.references.relations.set(node, relation.id);
    return this.relationItem(relation.id, name.name);
  }

  #join(node: JoinExpr, scope: Scope): From {
    if (node.larg === undefined || node.rarg === undefined) return { items: [], star: [] };
    const left = this.#fromItem(node.larg, scope);
    const right = this.#fromItem(node.rarg, { ...scope, outer: [...scope.outer, ...left.items] });
    const items = [...left.items, ...right.items];
    const merged =
      node.isNatural === true
        ? left.star.map(({ name }) => name).filter((name) => right.star.some((column) => column.name === name))
        : strings(node.usingClause);
    for (const name of merged) {
      for (const side of [left.star, right.star]) {
        const source = side.find((column) => column.name === name)?.source;
        if (source != null) this.#columns.add(source);
      }
    }
    this.expression({ quals: node.quals }, { ...scope, items });
    const star = [
      ...merged.flatMap((name) => {
        const column = left.star.find((candidate) => candidate.name === name);
        if (column === undefined) return [];
        const { of: _of, ...plain } = column;
        return [plain];
      }),
      ...left.star.filter(({ name }) => !merged.includes(name)),
      ...right.star.filter(({ name }) => !merged.includes(name)),
    ];
    if (node.alias === undefined) return { items, star };
    return single(aliased({ alias: '', schema: undefined, relation: null, columns: star }, node.alias));
  }

  /** INSERT and UPDATE hang on the columns that they fill, so that those can't be dropped alone (find_expr_references_walker()). */
  #noteAssigned(node: DataChange, assigns: 'insert' | 'update', target: FromItem | undefined, scope: Scope): void {
    if (target === undefined) return;
    const listed = assigns === 'insert' ? node.cols : node.targetList;
    const names = (listed ?? []).flatMap((item) => ('ResTarget' in item ? [item.ResTarget.name] : []));
    // Without a list of columns, as many as there are values.
    const width =
      listed !== undefined || node.selectStmt === undefined ? 0 : this.statement(node.selectStmt, scope).length;
    target.columns.forEach(({ name, source }, at) => {
      if (source !== null && (at < width || names.includes(name))) this.#columns.add(source);
    });
  }

  #dataChange(node: DataChange, given: Scope, assigns: 'insert' | 'update' | null): readonly QueryColumn[] {
    const scope = this.#withCtes(node.withClause, given);
    const items: FromItem[] = [];
    if (node.relation !== undefined) {
      items.push(
        aliased(
          this.#relation(nameOfRangeVar(node.relation), { ...scope, ctes: new Map() }, node.relation),
          node.relation.alias,
        ),
      );
    }
    items.push(...this.#from([...(node.fromClause ?? []), ...(node.usingClause ?? [])], scope).items);
    const inner = { items, outer: [...given.outer, ...given.items], ctes: scope.ctes };
    const { withClause: _with, relation: _relation, fromClause: _from, usingClause: _using, ...rest } = node;
    for (const part of Object.values(rest)) this.expressions(part, inner);
    if (assigns !== null) this.#noteAssigned(node, assigns, items[0], inner);
    return (node.returningClause?.exprs ?? []).flatMap((target) =>
      this.#target(target, inner, { items, star: items[0]?.columns ?? [] }),
    );
  }
}

interface DataChange {
  readonly withClause?: WithClause;
  readonly relation?: RangeVar;
  readonly fromClause?: Node[];
  readonly usingClause?: Node[];
  readonly cols?: Node[];
  readonly targetList?: Node[];
  readonly selectStmt?: Node;
  readonly returningClause?: { readonly exprs?: Node[] };
}

const SEQUENCE_FUNCTIONS = new Set(['nextval', 'currval', 'setval']);
