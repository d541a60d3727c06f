package handlers

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime"
)

// The box that the line of a figure is drawn in.
const (
	sparkWidth  = 100
	sparkHeight = 28
)

// measure is a figure of the live page, and how it reads in a sample.
type measure struct {
	metric string
	name   string
	about  string
	of     func(realtime.Sample) float64
	write  func(float64) string
}

// measures returns the figures of the live page in their order.
func measures(now realtime.Sample) []measure {
	memory := measure{"resident", "Memory", "from the system", func(x realtime.Sample) float64 { return float64(x.Resident) }, octets}
	if now.Resident == 0 { // the system does not say
		memory = measure{"heap", "Memory", "", func(x realtime.Sample) float64 { return float64(x.Heap) }, octets}
	}
	return []measure{
		{"members", "People", "with the chat open", func(x realtime.Sample) float64 { return float64(x.Members) }, whole},
		{"rooms", "Rooms", "with somebody in them", func(x realtime.Sample) float64 { return float64(x.Rooms) }, whole},
		{"messagesPerSecond", "Messages", "per second", func(x realtime.Sample) float64 { return x.MessagesPerSecond }, tenth},
		{"connections", "Connections", "", func(x realtime.Sample) float64 { return float64(total(x.Connections)) }, whole},
		{"ackP50", "Median answer", "half are faster", func(x realtime.Sample) float64 { return x.AckP50 }, millis},
		{"ackP99", "Slow answer", "99 of 100 are faster", func(x realtime.Sample) float64 { return x.AckP99 }, millis},
		{"outboxBytes", "Waiting to be sent", "to everybody", func(x realtime.Sample) float64 { return float64(x.OutboxBytes) }, octets},
		{"outboxMost", "Longest queue", "to one connection", func(x realtime.Sample) float64 { return float64(x.OutboxMost) }, octets},
		{"feedLag", "Behind", "changes, the slowest reader", func(x realtime.Sample) float64 { return float64(x.FeedLag) }, whole},
		memory,
		{"goroutines", "Goroutines", "", func(x realtime.Sample) float64 { return float64(x.Goroutines) }, whole},
	}
}

// showLive serves GET /admin/live.
func (s *Site) showLive(c *fiber.Ctx) error {
	page, _, err := s.moderationPage(c, "live", "Live")
	if err != nil {
		return err
	}
	now := s.live.Live()
	return s.render(c, fiber.StatusOK, "live", LivePage{ModerationPage: page, At: now.At, Figures: figures(now)})
}

// figures are the samples as they are shown.
func figures(live realtime.Live) []Figure {
	history := live.History
	if len(history) == 0 {
		history = []realtime.Sample{live.Sample}
	}
	var all []Figure
	for _, m := range measures(live.Sample) {
		values := make([]float64, len(history))
		for i, sample := range history {
			values[i] = m.of(sample)
		}
		now := m.of(live.Sample)
		f := Figure{
			Metric: m.metric, Name: m.name, About: m.about, Now: m.write(now), Points: spark(values),
			Least: m.write(min(slices.Min(values), now)), Most: m.write(max(slices.Max(values), now)),
		}
		if m.metric == "connections" {
			f.About = breakdown(live.Connections)
		}
		all = append(all, f)
	}
	return all
}

// spark is the line of a figure, from the least to the most that it was. What never changes is a level line.
func spark(values []float64) string {
	least, most := slices.Min(values), slices.Max(values)
	var b strings.Builder
	for i, value := range values {
		x, y := 0.0, sparkHeight/2.0
		if len(values) > 1 {
			x = sparkWidth * float64(i) / float64(len(values)-1)
		}
		if most > least {
			y = 1 + (sparkHeight-2)*(1-(value-least)/(most-least))
		}
		fmt.Fprintf(&b, "%.1f,%.1f ", x, y)
	}
	if len(values) == 1 {
		fmt.Fprintf(&b, "%d,%.1f", sparkWidth, sparkHeight/2.0)
	}
	return strings.TrimSpace(b.String())
}

// breakdown writes what a total is made of: "websocket 120, polling 7".
func breakdown(parts map[string]int) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		words = append(words, name+" "+strconv.Itoa(parts[name]))
	}
	return strings.Join(words, ", ")
}

func total(parts map[string]int) int {
	sum := 0
	for _, n := range parts {
		sum += n
	}
	return sum
}

func whole(x float64) string { return strconv.FormatFloat(math.Round(x), 'f', 0, 64) }
func tenth(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }

func millis(x float64) string { return tenth(x) + " ms" }

// octets writes a number of bytes in a unit that suits it.
func octets(x float64) string {
	for _, unit := range []string{"B", "kB", "MB"} {
		if x < 1000 {
			if unit == "B" {
				return whole(x) + " B"
			}
			return tenth(x) + " " + unit
		}
		x /= 1000
	}
	return tenth(x) + " GB"
}
