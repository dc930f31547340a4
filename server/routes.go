package server

import (
	"encoding/json"
	"net/http"
	"net/http/pprof"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"plimsoll/server/api"
	"plimsoll/server/dashboard"
	"plimsoll/server/evidence"
	"plimsoll/server/login"
)

// HookPath is where GitHub sends webhooks.
const HookPath = "/api/github/hook"

// SchemaPath is where editors find the JSON Schema of the repository file.
const SchemaPath = "/schema/plimsoll.json"

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(HookPath, s.hook)
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle(api.Prefix, s.api)
	mux.Handle(evidence.Prefix, s.evidence)
	mux.HandleFunc("GET "+SchemaPath, s.schema)
	if s.login != nil {
		mux.Handle(login.Path, s.login)
		mux.Handle(login.Path+"/", s.login)
		mux.Handle(login.LogoutPath, s.login)
	}
	if s.dashboard != nil {
		mux.Handle("/", s.dashboard)
		mux.Handle(dashboard.DeploymentsPath, s.dashboard)
	} else {
		mux.HandleFunc("GET /{$}", s.home)
	}
	return hardened(mux)
}

// adminRoutes are for those who run the server. They need no login, so they listen at an
// address of their own, by default one that only this machine reaches.
func (s *Server) adminRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", s.readyzInDetail)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

// hardened sets the headers that every answer carries.
func hardened(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// healthz says that the process is alive, and nothing more: a restart fixes
// neither the database nor GitHub.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"status": "alive"})
}

func (s *Server) schema(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/schema+json")
	w.Header().Set("Access-Control-Allow-Origin", "*") // editors in a browser; it is public
	_, _ = w.Write(s.schemaText)
}

func (s *Server) home(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("Plimsoll is running. GitHub sends webhooks to " + HookPath + "; " +
		"/healthz and /readyz say whether it works; " + SchemaPath + " is for editors.\n"))
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client has gone: nobody to tell
}
