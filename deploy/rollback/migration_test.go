package rollback

import "testing"

func TestLooksLikeMigration(t *testing.T) {
	for tool, files := range map[string][]string{
		"Rails":            {"db/migrate/20240102030405_create_orders.rb", "engines/shop/db/migrate/1_a.rb", "db/schema.rb", "db/structure.sql"},
		"Django":           {"orders/migrations/0001_initial.py", "Orders/Migrations/0002_Auto.py"},
		"Laravel, Phinx":   {"database/migrations/2024_01_02_000000_create_orders.php", "db/migrations/20240102030405_my_new_migration.php"},
		"Doctrine":         {"src/Migrations/Version20240102030405.php"},
		"Flyway":           {"src/main/resources/db/migration/V1__init.sql", "sql/V2.1__add_price.sql", "sql/U2__drop.sql", "sql/R__views.sql", "sql/B7__baseline.sql", "src/V3__Backfill.java", "cassandra/V1__keyspace.cql"},
		"Liquibase":        {"db/changelog/db.changelog-master.xml", "db/changelog/changes/001-add.yaml", "src/main/resources/db/changelog/v1/add.groovy", "liquibase/orders.xml", "changelog-2.0.sql"},
		"Alembic":          {"alembic/versions/1975ea83b712_add.py", "migrations/versions/ae1027a6acf_.py"},
		"golang-migrate":   {"db/000001_init.up.sql", "db/000001_init.down.sql", "internal/store/1_init.up.sql"},
		"goose, dbmate":    {"sql/00002_add_price.sql", "db/migrations/20240102030405_create.sql", "migrations/00003_backfill.go", "db/schema.sql"},
		"Prisma":           {"prisma/migrations/20240102030405_init/migration.sql", "prisma/schema.prisma", "prisma/migrations/migration_lock.toml"},
		"Drizzle":          {"drizzle/0000_wild_storm.sql", "drizzle/meta/_journal.json"},
		"Knex, Sequelize":  {"migrations/20240102030405_orders.js", "db/migrations/20240102-orders.cjs"},
		"TypeORM":          {"src/migration/1704164645000-Orders.ts"},
		"Entity Framework": {"Migrations/20240102030405_Init.cs", "src/Orders.Migrations/Init.Designer.cs", "Data/Migrations/OrdersModelSnapshot.cs"},
		"sqlx, Diesel":     {"migrations/20240102030405_orders.sql", "migrations/2024-01-02-000000_orders/up.sql"},
		"Atlas":            {"migrations/20240102030405.sql", "migrations/atlas.sum", "schema.hcl"},
		"Ecto":             {"priv/repo/migrations/20240102030405_orders.exs"},
		"Play":             {"conf/evolutions/default/1.sql"},
		"Sqitch":           {"sqitch.plan"},
		"by hand":          {"sql/001_orders.sql", "db-migrations/orders.sql", "schema_migrations/a.sql", "dbmigrations/a.sql"},
	} {
		for _, file := range files {
			if !LooksLikeMigration(file) {
				t.Errorf("%s: %s does not look like a migration", tool, file)
			}
		}
	}
	for _, file := range []string{
		"main.go", "migrate.go", "cmd/migrator/main.go", "src/migration.ts", "migrations", "migrations.md", "docs/migrations/v2-to-v3.md", "migrations/README.md", "migrations/notes.txt",
		"immigration/form.go", "src/immigrations/list.go", "CHANGELOG.md", "docs/changelog/2024.md", "schema.graphql", "api/schema.json", "sql/orders.sql", "queries/orders.sql",
		"v1__users.json", "12_orders.sql.bak", "reports/2024.sql", "poetry.lock", "alembic.ini", "flyway.conf", "drizzle.config.ts", "atlas.hcl", "",
	} {
		if LooksLikeMigration(file) {
			t.Errorf("%q looks like a migration", file)
		}
	}
}
