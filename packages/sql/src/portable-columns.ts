import { sql, type ColumnDefinitionBuilder, type CreateTableBuilder, type RawBuilder } from 'kysely'

/** The few words of a `create table` that SQLite and MySQL spell differently. */
export type PortableColumns = {
  readonly dialect: 'sqlite' | 'mysql'
  /** Type of a key that counts upwards by itself; use with `sequence`. */
  readonly sequenceType: 'integer' | 'bigint'
  /**
   * Makes such a column the primary key. A number is never given twice, not even when the newest rows were
   * deleted.
   */
  readonly sequence: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder
  /** Type of text longer than a `varchar`, up to 16 MB. */
  readonly longText: 'text' | RawBuilder<string>
  /** Type of bytes, up to this many; indexable on both. */
  readonly bytes: (lengthMax: number) => 'blob' | RawBuilder<string>
  /** Text compares by its bytes, on every server; `modifyEnd` of every table. */
  readonly compareByBytes: <Table extends string, Column extends string>(
    table: CreateTableBuilder<Table, Column>,
  ) => CreateTableBuilder<Table, Column>
}

/** The words of this dialect. */
export const portableColumns = (dialect: 'sqlite' | 'mysql'): PortableColumns =>
  dialect === 'sqlite'
    ? {
        dialect,
        sequenceType: 'integer',
        sequence: (column) => column.primaryKey().autoIncrement(),
        longText: 'text',
        bytes: () => 'blob',
        compareByBytes: (table) => table,
      }
    : {
        dialect,
        sequenceType: 'bigint',
        sequence: (column) => column.primaryKey().autoIncrement(),
        longText: sql`mediumtext`,
        bytes: (lengthMax) => sql`varbinary(${sql.lit(lengthMax)})`,
        compareByBytes: (table) =>
          table.modifyEnd(sql`engine = innodb default charset = utf8mb4 collate = utf8mb4_bin`),
      }
