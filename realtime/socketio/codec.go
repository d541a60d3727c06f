package socketio

import "roomline/realtime/engineio"

// Codec is another encoding of packets than the protocol's default one: one binary message a
// packet, attachments and all. Server and clients must have the same.
type Codec interface {
	// Encode encodes a packet. Where its Data has {"_placeholder":true,"num":n} it means
	// attachments[n].
	Encode(p Packet, attachments [][]byte) ([]byte, error)
	// Decode is the inverse. It bounds the depth of what it decodes. The types of the packets are
	// those without attachments; whether the rest makes sense is not its business.
	Decode(message []byte) (p Packet, attachments [][]byte, err error)
}

// wire is a packet as it is sent.
func (s *Server) wire(p Prepared) (Prepared, error) {
	if s.cfg.Codec == nil {
		return p, nil
	}
	packet, err := decodePacket(p.packets[0].Data, 0, 0)
	if err != nil && packet.Type != PacketConnectError { // only that a client may not send it
		return Prepared{}, err
	}
	packet.Type = packet.Type.plain()
	message, err := s.cfg.Codec.Encode(packet, p.bytes()[1:])
	if err != nil {
		return Prepared{}, err
	}
	return Prepared{[]engineio.Packet{{Type: engineio.Message, Binary: true, Data: message}}}, nil
}

// receiveEncoded takes one message of a client with a codec.
func (c *conn) receiveEncoded(data []byte, binary bool) {
	cfg := c.server.cfg
	if !binary {
		c.fail("text from a client with a codec")
		return
	}
	p, attachments, err := cfg.Codec.Decode(data)
	if err == nil && cfg.MaxAttachments > 0 && len(attachments) > cfg.MaxAttachments {
		err = errPacket
	}
	if err == nil {
		err = p.accept(cfg.MaxDepth)
	}
	if err != nil {
		c.fail(err.Error())
		return
	}
	c.dispatch(p, attachments, len(data))
}
