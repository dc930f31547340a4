package simulator

import "net/http"

func (s *Simulator) newPages() *http.ServeMux {
	mux := http.NewServeMux()
	return mux
}
