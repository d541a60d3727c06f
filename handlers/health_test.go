package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestReadinessFollowsTheSiteAndItsDatabase(t *testing.T) {
	s := serve(t)
	b := s.visitor()
	b.get("/healthz").wants(http.StatusOK)
	b.get("/readyz").wants(http.StatusOK)
	s.site.SetReady(false)
	b.get("/readyz").wants(http.StatusServiceUnavailable)
	s.site.SetReady(true)
	if err := s.db.Close(); err != nil {
		t.Fatal(err)
	}
	b.get("/healthz").wants(http.StatusOK)
	b.get("/readyz").wants(http.StatusServiceUnavailable)
}

func TestAFaultIsAPageWithANumberAndOneLineInTheLog(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	if err := s.db.Close(); err != nil {
		t.Fatal(err)
	}
	a := ann.get("/rooms/lobby")
	if a.status < 500 || strings.Contains(a.body, "sql") {
		t.Fatalf("%d\n%s", a.status, a.body)
	}
	a.shows("<h1").shows(a.header.Get("X-Request-Id"))
	if a.status == http.StatusInternalServerError && strings.Count(s.log.String(), a.header.Get("X-Request-Id")) != 1 {
		t.Errorf("the log has\n%s", s.log)
	}
}

func TestMetricsAreServedApartFromTheSite(t *testing.T) {
	s := serve(t)
	b := s.member("ann")
	b.get("/nothing/at/all").wants(http.StatusNotFound)
	for _, header := range []string{"", "X-Forwarded-For", "Forwarded", "X-Real-Ip"} {
		visitor := s.visitor()
		if header != "" {
			visitor.header.Set(header, "127.0.0.1")
		}
		visitor.get("/metrics").wants(http.StatusNotFound)
	}
	recorder := httptest.NewRecorder()
	s.site.Metrics().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	page := recorder.Body.String()
	for _, name := range []string{
		`roomline_http_requests_total{method="POST",route="/signup",status="303"} 1`, "roomline_connections{transport=\"polling\"} 0",
		"roomline_sockets{namespace=\"/general\"} 0", "roomline_connections_opened_total 0",
		"roomline_messages_total 0", `roomline_ack_seconds_bucket{le="0.001"} 0`, "roomline_ack_seconds_count 0", "roomline_outbox_bytes 0",
		"roomline_outbox_most_bytes 0", "roomline_feed_lag_revs 0", `route="none"`,
		"roomline_database_reads_total ", "roomline_database_message_reads_total ", "go_goroutines", "process_open_fds",
	} {
		if !strings.Contains(page, name) {
			t.Errorf("the metrics lack %s", name)
		}
	}
	if strings.Contains(page, "/nothing") {
		t.Error("the metrics name a path that does not exist")
	}
}
