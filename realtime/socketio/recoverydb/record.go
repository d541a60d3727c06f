package recoverydb

import (
	"encoding/json"
	"errors"

	"roomline/realtime/socketio"
)

// The records of entries and states are JSON. Texts are base64 in it, as names and keys may be
// of any bytes.

type entryRecord struct {
	Rooms, Except, Packet [][]byte
	Hole                  bool
}

type stateRecord struct {
	SID, Key []byte
	Rooms    [][]byte
	Since    []uint64 // of each room
	Data     []byte
	Received uint64
}

func encodeEntry(e socketio.Entry) []byte {
	return encode(entryRecord{Rooms: convert[[]byte](e.Rooms), Except: convert[[]byte](e.Except), Packet: e.Packet, Hole: e.Hole})
}

func decodeEntry(offset uint64, record []byte) (socketio.Entry, error) {
	var r entryRecord
	err := json.Unmarshal(record, &r)
	return socketio.Entry{
		Offset: offset, Rooms: convert[string](r.Rooms), Except: convert[string](r.Except), Packet: r.Packet, Hole: r.Hole,
	}, err
}

func encodeState(st socketio.State) []byte {
	r := stateRecord{SID: []byte(st.SID), Key: []byte(st.Key), Data: st.Data, Received: st.Received}
	if st.Rooms != nil {
		r.Rooms = make([][]byte, 0, len(st.Rooms))
	}
	for room, since := range st.Rooms {
		r.Rooms, r.Since = append(r.Rooms, []byte(room)), append(r.Since, since)
	}
	return encode(r)
}

func decodeState(record []byte, st *socketio.State) error {
	var r stateRecord
	if err := json.Unmarshal(record, &r); err != nil {
		return err
	}
	if len(r.Rooms) != len(r.Since) {
		return errors.New("damaged record")
	}
	if r.Rooms != nil {
		st.Rooms = make(map[string]uint64, len(r.Rooms))
	}
	for i, room := range r.Rooms {
		st.Rooms[string(room)] = r.Since[i]
	}
	st.SID, st.Key, st.Data, st.Received = string(r.SID), string(r.Key), r.Data, r.Received
	return nil
}

func encode(record any) []byte {
	b, err := json.Marshal(record)
	if err != nil {
		panic(err) // bytes and numbers always marshal
	}
	return b
}

// convert keeps nil and empty apart.
func convert[To, From ~string | ~[]byte](list []From) []To {
	if list == nil {
		return nil
	}
	all := make([]To, len(list))
	for i, text := range list {
		all[i] = To(text)
	}
	return all
}
