package realtime

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// collector counts who is connected to the chat and what they do, when asked. It is a prometheus.Collector.
type collector struct {
	stats                                                       func() Stats
	byTransport, byNamespace, opened, upgraded, closed, refused *prometheus.Desc
	messages, acks, outbox, outboxMost, feedLag                 *prometheus.Desc
}

// register adds the chat's metrics to the host's; Close takes them out.
func (c *Chat) register() error {
	if c.opts.Metrics == nil {
		return nil
	}
	c.metrics = newCollector(c.Stats)
	if err := c.opts.Metrics.Register(c.metrics); err != nil {
		return fmt.Errorf("realtime: register metrics: %w", err)
	}
	return nil
}

func newCollector(stats func() Stats) *collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &collector{
		stats:       stats,
		byTransport: desc("roomline_connections", "Open connections, by transport.", "transport"),
		byNamespace: desc("roomline_sockets", "Connected sockets, by namespace.", "namespace"),
		opened:      desc("roomline_connections_opened_total", "Connections that were opened."),
		upgraded:    desc("roomline_connections_upgraded_total", "Of them, those that changed from polling to WebSocket."),
		closed:      desc("roomline_connections_closed_total", "Connections that ended, by reason.", "reason"),
		refused:     desc("roomline_refused_total", "Requests, packets and events that were refused, by reason.", "reason"),
		messages:    desc("roomline_messages_total", "Messages that were posted."),
		acks:        desc("roomline_ack_seconds", "Time from a message's arrival over a connection to its acknowledgement."),
		outbox:      desc("roomline_outbox_bytes", "What waits for all connections."),
		outboxMost:  desc("roomline_outbox_most_bytes", "What waits for the connection with the most."),
		feedLag:     desc("roomline_feed_lag_revs", "Changes of its room that the furthest follower has still to get."),
	}
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		c.byTransport, c.byNamespace, c.opened, c.upgraded, c.closed, c.refused,
		c.messages, c.acks, c.outbox, c.outboxMost, c.feedLag,
	} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	stats := c.stats()
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
