package server

import (
	"io"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/config"
)

// NewLog makes the logger that the operator's file asks for.
func NewLog(to io.Writer, conf config.Log) (zerolog.Logger, error) {
	level, err := zerolog.ParseLevel(string(conf.Level))
	if err != nil {
		return zerolog.Nop(), err
	}
	if conf.Format == "console" {
		to = zerolog.ConsoleWriter{Out: to, TimeFormat: time.TimeOnly}
	}
	return zerolog.New(to).Level(level).With().Timestamp().Logger(), nil
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
