package main

import (
	"net/http"
	"regexp"
	"testing"
)

func TestMetricsHaveAListenerOfTheirOwn(t *testing.T) {
	s := start(t, newDB(t), "--metrics-addr=127.0.0.1:0")
	if status, _ := s.get(t, "/metrics"); status != http.StatusNotFound {
		t.Errorf("the site answers /metrics with %d", status)
	}
	found := regexp.MustCompile(`url=(http://127\.0\.0\.1:\d+)/metrics`).FindStringSubmatch(s.stderr.String())
	if found == nil {
		t.Fatalf("the log does not say where metrics are: %s", s.stderr)
	}
	metrics := &server{url: found[1]}
	if status, text := metrics.get(t, "/metrics"); status != http.StatusOK || !regexp.MustCompile(`(?m)^roomline_connections\{`).MatchString(text) {
		t.Errorf("metrics: %d %.200s", status, text)
	}
	if status, _ := metrics.get(t, "/login"); status != http.StatusNotFound {
		t.Errorf("the metrics' listener answers /login with %d", status)
	}
	s.stop()
	if status := s.wait(t); status != 0 {
		t.Errorf("exit status %d", status)
	}
}
