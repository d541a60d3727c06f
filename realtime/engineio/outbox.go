package engineio

import "slices"

// packetOverhead is what a waiting packet costs beyond its data, so that a flood of
// empty packets is bounded too.
const packetOverhead = 40

// keptSlots is how much room an empty outbox keeps for the next packets.
const keptSlots = 4

// outbox is the packets that wait for a transport, in order. Its session's lock guards it.
type outbox struct {
	packets []Packet
	bytes   int // of all packets, overhead included
}

func (o *outbox) empty() bool { return len(o.packets) == 0 }

func size(packets ...Packet) int {
	n := 0
	for _, p := range packets {
		n += p.Len() + packetOverhead
	}
	return n
}

func (o *outbox) push(packets ...Packet) {
	o.packets = append(o.packets, packets...)
	o.bytes += size(packets...)
}

// take appends to dst the first packets that fit into limit bytes, at least one if there
// is any; with limit 0 all of them.
func (o *outbox) take(dst []Packet, limit int) []Packet {
	n, taken := 0, 0
	for _, p := range o.packets {
		cost := size(p)
		if limit > 0 && n > 0 && taken+cost > limit {
			break
		}
		n, taken = n+1, taken+cost
	}
	dst = append(dst, o.packets[:n]...)
	o.bytes -= taken
	o.packets = slices.Delete(o.packets, 0, n)
	if len(o.packets) == 0 && cap(o.packets) > keptSlots { // let go of what a burst has made it grow to
		o.packets = nil
	}
	return dst
}

func (o *outbox) clear() { *o = outbox{} }
