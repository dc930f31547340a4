package rollback

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// migrationFolders hold nothing but database migrations, by the conventions of Rails,
// Django, Laravel, Flyway, Liquibase, Alembic, Prisma, Drizzle, goose, golang-migrate,
// Entity Framework ("Orders.Migrations"), Ecto, Play and the like.
var migrationFolders = regexp.MustCompile(`^((.*[._-]|db|schema|data)?(migrations?|migrate)|alembic|flyway|liquibase|changelogs|drizzle|evolutions)$`)

// migrationFiles are names that only migrations have.
var migrationFiles = regexp.MustCompile(`^([vrub][0-9._]*__.+\.(sql|cql|java|kt)|.+\.(up|down)\.sql|[0-9]{3,}[_-].+\.sql|(db\.)?changelog.*\.(sql|xml|ya?ml|json))$`)

// schemaFiles describe a whole database, or the order of its changes.
var schemaFiles = []string{"db/schema.rb", "db/structure.sql", "schema.sql", "schema.prisma", "schema.hcl", "sqitch.plan"}

// notMigrations are endings of what is never run against a database.
var notMigrations = []string{".md", ".txt", ".lock"}

// LooksLikeMigration reports, by its path, whether a file changes a database when it is
// deployed. A false "yes" costs a click, a false "no" may cost data, so doubt is a yes.
func LooksLikeMigration(file string) bool {
	file = strings.ToLower(file)
	if slices.Contains(notMigrations, path.Ext(file)) {
		return false
	}
	steps := strings.Split(file, "/")
	name := steps[len(steps)-1]
	if migrationFiles.MatchString(name) {
		return true
	}
	for _, schema := range schemaFiles {
		if file == schema || strings.HasSuffix(file, "/"+schema) {
			return true
		}
	}
	return strings.Contains("/"+file, "/db/changelog/") || slices.ContainsFunc(steps[:len(steps)-1], migrationFolders.MatchString)
}
