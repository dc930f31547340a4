package apis

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rs/zerolog"

	"plimsoll/contracts"
	"plimsoll/server/dashboard"
)

// Bounds of one matrix.
const (
	mostColumns = 40
	mostRows    = 300
)

// matrix shows who uses which operation and field.
type matrix struct {
	Query string
	// Columns are the consumers; Hidden columns and rows are those beyond the bounds.
	Columns               []contracts.Consumer
	MoreColumns, MoreRows int
	Rows                  []*row
	// AsWritten: the contract can't be read, so a row is what a consumer writes.
	AsWritten bool
}

// row is an operation, or a field of the operation above it.
type row struct {
	Operation, Field string
	// Sends: the field is sent by the consumer, not read.
	Sends bool
	Cells []cell
	// written is what consumers write to name the operation, for the search.
	written string
}

// cell says how a consumer uses the row. It is empty if it does not.
type cell struct {
	Mark, Says, Link, Consumer string
}

func (p *pages) uses(r *dashboard.Request) (dashboard.Page, error) {
	one, err := p.find(r, "uses")
	if err != nil {
		return dashboard.Page{}, err
	}
	consumers, err := p.consumers(r, one.Ref())
	if err != nil {
		return dashboard.Page{}, err
	}
	one.Consumers = len(consumers)
	var means *meanings
	if len(consumers) > 0 {
		contract, problem, err := p.contract(r, one)
		if err != nil { // the uses are known all the same
			zerolog.Ctx(r.Context()).Warn().Err(err).Str("api", one.Ref().FullName()).Msg("the dashboard lists operations as consumers write them")
		} else if problem == "" {
			means = meaningsIn(contract)
		}
	}
	one.Matrix = p.matrix(consumers, means, strings.TrimSpace(r.URL.Query().Get("q")))
	return p.made(one), nil
}

// rowKey names a row.
type rowKey struct {
	operation, field string
	sends            bool
}

// every stands for all operations, where a consumer lists none.
const every = "every operation"

func (p *pages) matrix(consumers []contracts.Consumer, means *meanings, query string) *matrix {
	m := &matrix{Query: query, Columns: consumers, AsWritten: means == nil}
	if len(consumers) > mostColumns && query == "" {
		m.Columns, m.MoreColumns = consumers[:mostColumns], len(consumers)-mostColumns
	}
	rows := map[rowKey]*row{}
	for i := range m.Columns {
		column := column{matrix: m, rows: rows, at: i, webURL: p.WebURL}
		if len(m.Columns[i].Usage.Operations) == 0 {
			column.mark(rowKey{operation: every}, "", "?", "lists no operations, so all of them count", m.Columns[i].Usage.Evidence.Position)
		}
		for k := range m.Columns[i].Usage.Operations {
			use := &m.Columns[i].Usage.Operations[k]
			for _, operation := range means.of(use) {
				column.use(operation, use)
			}
		}
	}
	m.keep(rows)
	return m
}

// column marks the uses of one consumer.
type column struct {
	*matrix
	rows   map[rowKey]*row
	at     int
	webURL string
}

// use marks an operation and its fields, as one use names them.
func (c column) use(operation string, use *contracts.OperationUse) {
	says, sign := "uses it", "✓"
	if use.Selector != operation {
		says += " as " + use.Selector
	}
	if use.Reads == nil && use.Sends == nil {
		says, sign = says+" and lists no fields, so all of them count", "?"
	}
	c.mark(rowKey{operation: operation}, use.Selector, sign, says, use.Evidence.Position)
	fields := func(list *[]contracts.Pattern, sends bool) {
		if list == nil {
			return
		}
		verb := "reads it"
		if sends {
			verb = "sends it"
		}
		for _, pattern := range *list {
			at := pattern.Position
			if at.File == "" {
				at = use.Evidence.Position
			}
			c.mark(rowKey{operation, pattern.Text, sends}, use.Selector, "✓", verb, at)
		}
	}
	fields(use.Reads, false)
	fields(use.Sends, true)
}

// mark marks a row. Of several uses the first one counts, unless another one counts for all
// fields.
func (c column) mark(key rowKey, written, mark, says string, at contracts.Position) {
	one, ok := c.rows[key]
	if !ok {
		one = &row{Operation: key.operation, Field: key.field, Sends: key.sends, Cells: make([]cell, len(c.Columns))}
		c.rows[key] = one
	}
	if written != key.operation && !strings.Contains(one.written, written) {
		one.written += " " + written
	}
	if was := one.Cells[c.at].Mark; was == "" || was != "?" && mark == "?" {
		consumer := c.Columns[c.at]
		one.Cells[c.at] = cell{mark, says, dashboard.LineURL(c.webURL, consumer.Repository, consumer.Commit, at), consumer.Component}
	}
}

// keep sorts the rows that match the question, an operation before its fields, and drops the
// columns that use none of them.
func (m *matrix) keep(rows map[rowKey]*row) {
	wanted := strings.ToLower(m.Query)
	for _, one := range rows {
		if wanted == "" || strings.Contains(strings.ToLower(one.Operation+" "+one.Field+one.written), wanted) {
			m.Rows = append(m.Rows, one)
		}
	}
	slices.SortFunc(m.Rows, func(a, b *row) int {
		return cmp.Or(strings.Compare(path(a.Operation), path(b.Operation)), strings.Compare(a.Operation, b.Operation), strings.Compare(a.Field, b.Field), boolean(a.Sends)-boolean(b.Sends))
	})
	if len(m.Rows) > mostRows {
		m.Rows, m.MoreRows = m.Rows[:mostRows], len(m.Rows)-mostRows
	}
	if wanted == "" {
		return
	}
	used := make([]bool, len(m.Columns))
	for _, one := range m.Rows {
		for i := range one.Cells {
			used[i] = used[i] || one.Cells[i].Mark != ""
		}
	}
	count := 0
	for _, is := range used {
		count += boolean(is)
	}
	bound := min(count, mostColumns)
	m.MoreColumns = count - bound
	m.Columns = picked(m.Columns, used, bound)
	for _, one := range m.Rows {
		one.Cells = picked(one.Cells, used, bound)
	}
}

// picked returns the first elements that are marked.
func picked[T any](all []T, marked []bool, most int) (some []T) {
	for i := range all {
		if marked[i] && len(some) < most {
			some = append(some, all[i])
		}
	}
	return some
}

// path is the path of a selector such as "GET /orders", so that the operations of one path
// stay together.
func path(selector string) string {
	_, after, ok := strings.Cut(selector, " ")
	if !ok {
		return selector
	}
	return after
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}
