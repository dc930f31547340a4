package storetest

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
)

// Snapshot copies what a database holds, and returns a function that restores it: the
// database then holds that and nothing else. No server may use it meanwhile.
func Snapshot(t *testing.T, dsn string) (restore func()) {
	t.Helper()
	saved := map[string][]map[string]any{}
	withRaw(t, dsn, func(db *sql.DB, tables []string) {
		for _, table := range tables {
			saved[table] = rowsOf(t, db, table)
		}
	})
	return func() {
		t.Helper()
		withRaw(t, dsn, func(db *sql.DB, tables []string) {
			for _, table := range tables {
				run(t, db, "DELETE FROM "+table)
				for _, row := range saved[table] {
					var columns, places []string
					var values []any
					for column, value := range row {
						columns, values = append(columns, column), append(values, value)
						places = append(places, fmt.Sprintf("$%d", len(values)))
					}
					run(t, db, "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(places, ", ")+")", values...)
				}
			}
		})
	}
}

// Empty deletes everything that a database holds.
func Empty(t *testing.T, dsn string) {
	t.Helper()
	withRaw(t, dsn, func(db *sql.DB, tables []string) {
		for _, table := range tables {
			run(t, db, "DELETE FROM "+table)
		}
	})
}

// withRaw opens a database and lists its tables, without that of the migrations.
func withRaw(t *testing.T, dsn string, do func(db *sql.DB, tables []string)) {
	t.Helper()
	driver, name, list := "pgx", dsn, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
	if file, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		driver, name, list = "sqlite", file, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
	}
	db := openRaw(t, driver, name)
	var tables []string
	for _, row := range rowsOf(t, db, "("+list+") AS tables") {
		for _, name := range row {
			if table := fmt.Sprint(name); table != "goose_db_version" {
				tables = append(tables, table)
			}
		}
	}
	do(db, tables)
}

func run(t *testing.T, db *sql.DB, statement string, values ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement, values...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// rowsOf reads a table.
func rowsOf(t *testing.T, db *sql.DB, table string) (all []map[string]any) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+table)
	if err != nil {
		t.Fatalf("read %s: %v", table, err)
	}
	defer func() { _ = rows.Close() }() // it was only read
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		row := map[string]any{}
		for i, column := range columns {
			row[column] = values[i]
			if empty, ok := values[i].([]byte); values[i] == nil || ok && empty == nil {
				row[column] = []byte{} // SQLite reads an empty value as nil; no column is nullable
			}
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
