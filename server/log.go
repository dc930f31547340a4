package server

import (
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/config"
)

// Level is the lowest level that a logger writes. It may change while the logger is used.
type Level struct{ lowest atomic.Int32 }

// Sample implements [zerolog.Sampler]: it is asked before an event is made.
func (l *Level) Sample(level zerolog.Level) bool { return int32(level) >= l.lowest.Load() }

// prepare reads a level; the function that it returns sets it.
func (l *Level) prepare(level config.LogLevel) (set func(), err error) {
	if l == nil {
		return nil, nil
	}
	lowest, err := zerolog.ParseLevel(string(level))
	if err != nil {
		return nil, fmt.Errorf("log.level: %w", err)
	}
	return func() { l.lowest.Store(int32(lowest)) }, nil
}

// NewLog makes the logger that the operator's file asks for, and its level.
func NewLog(to io.Writer, conf config.Log) (zerolog.Logger, *Level, error) {
	level := &Level{}
	set, err := level.prepare(conf.Level)
	if err != nil {
		return zerolog.Nop(), nil, err
	}
	set()
	if conf.Format == "console" {
		to = zerolog.ConsoleWriter{Out: to, TimeFormat: time.TimeOnly}
	}
	return zerolog.New(to).Level(zerolog.TraceLevel).With().Timestamp().Logger().Sample(level), level, nil
}

// logged puts the logger into every request's context, and reports panics instead of ending
// the process.
func logged(log zerolog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := log.WithContext(r.Context())
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler {
					panic(v)
				}
				log.Error().Interface("panic", v).Str("path", r.URL.Path).Msg("answering failed")
				http.Error(w, "internal error", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
