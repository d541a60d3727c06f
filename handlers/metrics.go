package handlers

import (
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"roomline/models"
	"roomline/realtime"
)

// metrics counts what the site does, in a registry of its own.
type metrics struct {
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	serve    fiber.Handler
}

func newMetrics(live *realtime.Chat, db *models.DB) *metrics {
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
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.requests, m.took, newConnections(live),
		counter("roomline_database_reads_total", "Reads of the database that were begun, those within writes left out.", db.Reads),
		counter("roomline_database_message_reads_total", "Queries for messages, those within writes included.", db.MessageReads),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.serve = adaptor.HTTPHandler(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return m
}

// counter returns a counter whose value is asked for.
func counter(name, help string, value func() uint64) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(value()) })
}

// connections is a collector of who is connected to the chat, counted when asked.
type connections struct {
	live                                                        *realtime.Chat
	byTransport, byNamespace, opened, upgraded, closed, refused *prometheus.Desc
	messages, acks, outbox, outboxMost, feedLag                 *prometheus.Desc
}

func newConnections(live *realtime.Chat) *connections {
	return &connections{
		live:        live,
		byTransport: prometheus.NewDesc("roomline_connections", "Open connections, by transport.", []string{"transport"}, nil),
		byNamespace: prometheus.NewDesc("roomline_sockets", "Connected sockets, by namespace.", []string{"namespace"}, nil),
		opened:      prometheus.NewDesc("roomline_connections_opened_total", "Connections that were opened.", nil, nil),
		upgraded:    prometheus.NewDesc("roomline_connections_upgraded_total", "Of them, those that changed from polling to WebSocket.", nil, nil),
		closed:      prometheus.NewDesc("roomline_connections_closed_total", "Connections that ended, by reason.", []string{"reason"}, nil),
		refused:     prometheus.NewDesc("roomline_refused_total", "Requests, packets and events that were refused, by reason.", []string{"reason"}, nil),
		messages:    prometheus.NewDesc("roomline_messages_total", "Messages that were posted.", nil, nil),
		acks:        prometheus.NewDesc("roomline_ack_seconds", "Time from a message's arrival over a connection to its acknowledgement.", nil, nil),
		outbox:      prometheus.NewDesc("roomline_outbox_bytes", "What waits for all connections.", nil, nil),
		outboxMost:  prometheus.NewDesc("roomline_outbox_most_bytes", "What waits for the connection with the most.", nil, nil),
		feedLag:     prometheus.NewDesc("roomline_feed_lag_revs", "Changes of its room that the furthest follower has still to get.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (c *connections) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.byTransport, c.byNamespace, c.opened, c.upgraded, c.closed, c.refused,
		c.messages, c.acks, c.outbox, c.outboxMost, c.feedLag} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *connections) Collect(ch chan<- prometheus.Metric) {
	stats := c.live.Stats()
	for _, transport := range []string{"polling", "websocket"} {
		ch <- prometheus.MustNewConstMetric(c.byTransport, prometheus.GaugeValue, float64(stats.Connections[transport]), transport)
	}
	for namespace, n := range stats.Sockets {
		ch <- prometheus.MustNewConstMetric(c.byNamespace, prometheus.GaugeValue, float64(n), namespace)
	}
	count := func(d *prometheus.Desc, n uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
	}
	count(c.opened, stats.Opened)
	count(c.upgraded, stats.Upgraded)
	for reason, n := range stats.Closed {
		count(c.closed, n, reason)
	}
	for reason, n := range stats.Refused {
		count(c.refused, n, reason)
	}
	count(c.messages, stats.Messages)
	ch <- prometheus.MustNewConstHistogram(c.acks, stats.Acks.Count, stats.Acks.Sum, stats.Acks.UpTo)
	for d, n := range map[*prometheus.Desc]float64{
		c.outbox: float64(stats.OutboxBytes), c.outboxMost: float64(stats.OutboxMost), c.feedLag: float64(stats.FeedLag),
	} {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, n)
	}
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

// showMetrics serves GET /metrics, to this machine only unless configured otherwise. Others
// are told there is nothing.
func (s *Site) showMetrics(c *fiber.Ctx) error {
	switch s.cfg.Metrics {
	case MetricsEveryone:
		return s.metrics.serve(c)
	case MetricsLoopback:
		if !wasForwarded(c) && net.ParseIP(c.IP()).IsLoopback() {
			return s.metrics.serve(c)
		}
	}
	return fiber.ErrNotFound
}

// wasForwarded reports whether a proxy, perhaps one nobody configured, passed the request on:
// then the near end of the connection says nothing about who asks.
func wasForwarded(c *fiber.Ctx) bool {
	for _, header := range []string{fiber.HeaderXForwardedFor, fiber.HeaderForwarded, fiber.HeaderVia,
		fiber.HeaderXForwardedHost, fiber.HeaderXForwardedProto, "X-Real-Ip"} {
		if c.Get(header) != "" {
			return true
		}
	}
	return false
}
