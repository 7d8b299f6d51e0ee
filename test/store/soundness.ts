import Database from 'better-sqlite3';

/** What is wrong with a file that nobody uses: damage, documents without an owner, links without an end, half a write. */
export function soundnessOf(file: string): string[] {
  const database = new Database(file);
  try {
    const every = (sql: string) => database.prepare(sql).pluck().all() as string[];
    const found = (database.pragma('integrity_check') as { integrity_check: string }[]).map(
      (row) => row.integrity_check,
    );
    found.push(
      ...(database.pragma('foreign_key_check') as { table: string }[]).map(({ table }) => `an orphan in ${table}`),
    );
    const tables = every("SELECT name FROM sqlite_schema WHERE type = 'table'").filter((name) =>
      every(`SELECT name FROM pragma_table_xinfo('${name}')`).includes('document'),
    );
    const ids = tables.map((name) => `SELECT id FROM "${name}"`).join(' UNION ALL ');
    if (tables.length > 0) {
      const ends = every(`SELECT from_id FROM refs WHERE from_id NOT IN (${ids}) OR to_id NOT IN (${ids})`);
      found.push(...ends.map((id) => `a link without an end, from row ${id}`));
    }
    for (const name of tables) {
      for (const href of every(`SELECT href FROM "${name}" WHERE json_valid(document) = 0`))
        found.push(`no JSON: ${href}`);
    }
    const halves = !tables.includes('container_clusters')
      ? []
      : every(
          `SELECT href FROM container_clusters AS one
       WHERE NOT EXISTS (SELECT 1 FROM container_workload_profiles WHERE parent = one.id)`,
        );
    found.push(...halves.map((href) => `a cluster without its Default Profile: ${href}`));
    return found.filter((one) => one !== 'ok');
  } finally {
    database.close();
  }
}
