package handlers

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"roomline/models"
)

// metrics counts what the site does.
type metrics struct {
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	handler  http.Handler
}

func newMetrics(registry *prometheus.Registry, db *models.DB) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roomline_http_requests_total",
			Help: "HTTP requests answered, by route, method and status.",
		}, []string{"route", "method", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "roomline_http_request_seconds",
			Help:    "Time to answer a request for a page, by route.",
			Buckets: []float64{.001, .005, .01, .025, .05, .1, .25, 1, 5},
		}, []string{"route"}),
	}
	if registry == nil {
		registry = prometheus.NewRegistry()
	}
	registry.MustRegister(m.requests, m.took,
		counter("roomline_database_reads_total", "Reads of the database that were begun, those within writes left out.", db.Reads),
		counter("roomline_database_message_reads_total", "Queries for messages, those within writes included.", db.MessageReads),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return m
}

// counter returns a counter whose value is asked for.
func counter(name, help string, value func() uint64) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(value()) })
}

// observe counts one request; err is what its handler returned.
func (m *metrics) observe(c *fiber.Ctx, err error, status int, took time.Duration) {
	route := c.Route().Path
	if unrouted := (*fiber.Error)(nil); errors.As(err, &unrouted) &&
		(unrouted.Code == fiber.StatusNotFound || unrouted.Code == fiber.StatusMethodNotAllowed) {
		route = "none"
	}
	m.requests.WithLabelValues(route, methodLabel(c.Method()), strconv.Itoa(status)).Inc()
	if !chatPath(c.Path()) { // a held poll says nothing about speed
		m.took.WithLabelValues(route).Observe(took.Seconds())
	}
}

// methodLabel bounds the values and copies them out of the request.
func methodLabel(method string) string {
	for _, known := range fiber.DefaultMethods {
		if method == known {
			return known
		}
	}
	return "other"
}

// Metrics serves the metrics of the site and the chat, for a listener of the operator's: they
// are not among the site's routes, since a proxy on the same machine would publish them.
func (s *Site) Metrics() http.Handler { return s.metrics.handler }
