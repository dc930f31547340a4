package deploy

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// migrationFolders hold nothing but database migrations, by the conventions of Rails,
// Django, Laravel, Flyway, Liquibase, Alembic, Prisma, goose, golang-migrate, Ecto and
// the like.
var migrationFolders = []string{"migrations", "migration", "migrate", "alembic", "flyway", "liquibase", "changelogs"}

// migrationFiles are names that only migrations have.
var migrationFiles = regexp.MustCompile(`^([vru][0-9._]*__.+\.(sql|java|kt)|.+\.(up|down)\.sql|[0-9]{3,}[_-].+\.sql|(db\.)?changelog.*\.(sql|xml|ya?ml|json))$`)

// schemaFiles describe a whole database.
var schemaFiles = []string{"db/schema.rb", "db/structure.sql", "schema.sql", "schema.prisma"}

// notMigrations are endings of what is never run against a database.
var notMigrations = []string{".md", ".txt", ".lock"}

// LooksLikeMigration tells whether a file, by its path alone, changes a database when
// it is deployed. A false "yes" costs a person's click, a false "no" may cost data, so
// that doubt is a yes.
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
	return slices.ContainsFunc(steps[:len(steps)-1], func(step string) bool { return slices.Contains(migrationFolders, step) })
}
