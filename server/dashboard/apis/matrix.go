package apis

import (
	"cmp"
	"iter"
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
	// The rows are chosen before their cells are made: an API may have thousands.
	wanted, named := strings.ToLower(query), map[rowKey]bool{}
	for one := range m.marks(means) {
		if !named[one.row] {
			named[one.row] = wanted == "" || strings.Contains(strings.ToLower(one.row.operation+" "+one.row.field+" "+one.written), wanted)
		}
	}
	rows := m.choose(named)
	for one := range m.marks(means) {
		row, ok := rows[one.row]
		if !ok {
			continue
		}
		// Of several uses the first one counts, unless another one counts for all fields.
		if was := row.Cells[one.column].Mark; was == "" || was != "?" && one.sign == "?" {
			c := m.Columns[one.column]
			row.Cells[one.column] = cell{one.sign, one.says(), dashboard.LineURL(p.WebURL, c.Repository, c.Commit, one.at), c.Component}
		}
	}
	if wanted != "" {
		m.dropColumns()
	}
	return m
}

// mark is the use of a row by a consumer.
type mark struct {
	column int
	row    rowKey
	// written is what the consumer writes to name the operation.
	written, sign string
	at            contracts.Position
}

// says says in words how the consumer uses the row.
func (m mark) says() string {
	switch {
	case m.row.operation == every:
		return "lists no operations, so all of them count"
	case m.row.field != "" && m.row.sends:
		return "sends it"
	case m.row.field != "":
		return "reads it"
	}
	text := "uses it"
	if m.written != m.row.operation {
		text += " as " + m.written
	}
	if m.sign == "?" {
		text += " and lists no fields, so all of them count"
	}
	return text
}

// marks gives what the consumers declare, each use for every operation that it means.
func (m *matrix) marks(means *meanings) iter.Seq[mark] {
	return func(yield func(mark) bool) {
		for i := range m.Columns {
			usage := &m.Columns[i].Usage
			if len(usage.Operations) == 0 && !yield(mark{column: i, row: rowKey{operation: every}, sign: "?", at: usage.Evidence.Position}) {
				return
			}
			for k := range usage.Operations {
				for _, operation := range means.of(&usage.Operations[k]) {
					if !marksOf(i, operation, &usage.Operations[k], yield) {
						return
					}
				}
			}
		}
	}
}

// marksOf gives one use of an operation, and of its fields.
func marksOf(column int, operation string, use *contracts.OperationUse, yield func(mark) bool) bool {
	one := mark{column: column, row: rowKey{operation: operation}, written: use.Selector, sign: "✓", at: use.Evidence.Position}
	if use.Reads == nil && use.Sends == nil {
		one.sign = "?"
	}
	if !yield(one) {
		return false
	}
	one.sign = "✓"
	for i, list := range []*[]contracts.Pattern{use.Reads, use.Sends} {
		if list == nil {
			continue
		}
		for _, pattern := range *list {
			one.row.field, one.row.sends, one.at = pattern.Text, i == 1, pattern.Position
			if one.at.File == "" {
				one.at = use.Evidence.Position
			}
			if !yield(one) {
				return false
			}
		}
	}
	return true
}

// choose makes the rows that match the question, an operation before its fields.
func (m *matrix) choose(named map[rowKey]bool) map[rowKey]*row {
	rows := map[rowKey]*row{}
	for key, matches := range named {
		if matches {
			m.Rows = append(m.Rows, &row{Operation: key.operation, Field: key.field, Sends: key.sends})
		}
	}
	slices.SortFunc(m.Rows, func(a, b *row) int {
		return cmp.Or(strings.Compare(path(a.Operation), path(b.Operation)), strings.Compare(a.Operation, b.Operation), strings.Compare(a.Field, b.Field), boolean(a.Sends)-boolean(b.Sends))
	})
	if len(m.Rows) > mostRows {
		m.Rows, m.MoreRows = m.Rows[:mostRows], len(m.Rows)-mostRows
	}
	for _, one := range m.Rows {
		one.Cells = make([]cell, len(m.Columns))
		rows[rowKey{one.Operation, one.Field, one.Sends}] = one
	}
	return rows
}

// dropColumns drops the columns that use none of the rows.
func (m *matrix) dropColumns() {
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
