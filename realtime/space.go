package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"time"

	"roomline/realtime/chat"
	"roomline/realtime/feed"
	"roomline/realtime/socketio"
)

// space is one of the two worlds of rooms on the wire: a namespace, the feed of its rooms
// and who is in them.
type space struct {
	// set once
	chat      *Chat
	name      chat.Space
	namespace *socketio.Namespace
	feed      *feed.Hub[socketio.Prepared]
	presence  *presence
	activity  *activity
	tails     tails
	head      int             // of a prepared message, before its own JSON
	limits    json.RawMessage // of hello
}

// eventTail ends a prepared event.
const eventTail = "]"

// snapshot is what the feed knows of a room.
type snapshot = feed.Snapshot[socketio.Prepared]

func newSpace(c *Chat, name chat.Space) *space {
	s := &space{chat: c, name: name, namespace: c.server.Of(string(name))}
	s.feed = feed.NewHub(feed.Config[socketio.Prepared]{
		Source: c.service,
		Encode: s.encode,
		Size:   socketio.Prepared.Size,
		Page:   c.service.PageSize(chat.Room{Posts: math.MaxInt32}),
		Logger: c.log,
	})
	s.limits = limitsJSON(c.limits.Chat)
	if empty, err := s.encode(chat.Message{}); err == nil { // always encodable
		s.head = len(empty.Text()) - len(eventTail) - len(chat.Message{}.AppendJSON(nil))
	}
	s.presence = newPresence(s.namespace, c.limits.PresenceEvery)
	s.activity = newActivity(s, c.limits.PresenceEvery)
	s.namespace.Use(s.admit)
	s.namespace.UseEvent(oneObject)
	s.namespace.OnConnect(s.welcome)
	s.namespace.OnDisconnect(s.farewell)
	s.namespace.OnDrain(func(socket *socketio.Socket) {
		if m, ok := socket.Data().(*member); ok {
			m.resume()
		}
	})
	s.namespace.HandleUnknown(func(event string) socketio.EventHandler {
		return func(context.Context, *socketio.Socket, socketio.Args) ([]any, error) {
			return nil, chat.Errorf(chat.CodeInvalid, "There is no event %.64q.", event)
		}
	})
	return s
}

// encode makes a message the event that everybody gets.
func (s *space) encode(m chat.Message) (socketio.Prepared, error) {
	return s.namespace.Prepare("message", m)
}

// refusal is the data of a CONNECT_ERROR.
type refusal struct {
	Code string `json:"code"`
}

func refuse(code, message string) error {
	return &socketio.ConnectError{Message: message, Data: refusal{code}}
}

// refusalText is what a refusal says to people.
func refusalText(err error) string {
	var refused *chat.Error
	if errors.As(err, &refused) {
		return refused.Message
	}
	return err.Error()
}

// admit decides who enters the namespace.
func (s *space) admit(ctx context.Context, socket *socketio.Socket) error {
	id, ok := socket.Handshake().Identity.Value.(identity)
	guest := !ok && s.chat.opts.Guests != nil && s.name == chat.SpaceGeneral
	switch {
	case s.chat.closing.Load():
		return refuse("unavailable", "The server is stopping.")
	case !ok && !guest:
		return refuse("unauthenticated", "Sign in first.")
	}
	m := &member{space: s, socket: socket, id: id.user.ID}
	rights := s.chat.rights.Load()
	entered, err := s.chat.service.Enter(ctx, m.actor())
	switch code := chat.ErrorCode(err); {
	case err == nil:
	case code == chat.CodeBanned:
		return refuse("banned", refusalText(err))
	case code == chat.CodeForbidden || code == chat.CodeNotFound:
		return refuse("forbidden", "You may not enter here.")
	case code == chat.CodeUnavailable:
		return refuse("unavailable", "The server is busy. Try again.")
	default:
		return err
	}
	m.user, m.rights = entered.User, rights
	socket.SetData(m)
	if guest {
		socket.Join(guestsRoom)
	} else {
		socket.Join(userRoom(m.id))
	}
	if id.session != "" {
		socket.Join(sessionRoom(id.session))
	}
	m.setListed(entered.Rooms)
	for _, room := range entered.Rooms {
		m.listen(room)
	}
	return m.greet(entered)
}

// oneObject holds every event to the contract: it takes one object, without binary.
func oneObject(_ context.Context, _ *socketio.Socket, _ string, args socketio.Args) error {
	if args.Len() != 1 || !args.IsObject(0) || args.Binary() {
		return chat.Errorf(chat.CodeInvalid, "An event takes one object.")
	}
	return nil
}

// hello is the first event of a socket.
type hello struct {
	User   chat.User       `json:"user"`
	Rooms  []chat.RoomView `json:"rooms"`
	Limits json.RawMessage `json:"limits"` // helloLimits
	Now    time.Time       `json:"now"`    // by the server's clock

	Sanction *sanctionEvent `json:"sanction,omitempty"` // a mute in force
}

type helloLimits struct {
	TextLength  int     `json:"textLength"`
	PageSize    int     `json:"pageSize"`
	MaxPageSize int     `json:"maxPageSize"`
	ReplayCap   int     `json:"replayCap"`
	SendBurst   int     `json:"sendBurst"`
	SendRate    float64 `json:"sendRate"`
	EditWindow  float64 `json:"editWindow"`  // seconds
	TypingEvery float64 `json:"typingEvery"` // seconds
}

// limitsJSON are the limits as hello tells them.
func limitsJSON(l chat.Limits) json.RawMessage {
	data, err := json.Marshal(helloLimits{
		TextLength: l.TextLength, PageSize: l.PageSize, MaxPageSize: l.MaxPageSize, ReplayCap: l.ReplayCap,
		SendBurst: l.SendBurst, SendRate: l.SendRate,
		EditWindow: l.EditWindow.Seconds(), TypingEvery: l.TypingEvery.Seconds(),
	})
	if err != nil { // a rate that is no number
		return json.RawMessage("{}")
	}
	return data
}

func (s *space) welcome(ctx context.Context, socket *socketio.Socket) {
	m := socket.Data().(*member)
	m.recheck(ctx, m.rights)
}

func (s *space) farewell(_ context.Context, socket *socketio.Socket, _ socketio.Reason) {
	if m, ok := socket.Data().(*member); ok {
		m.leaveAll()
	}
}

// The rooms of Socket.IO that the chat uses, by what they gather.
func userRoom(id string) string      { return "user:" + id }
func sessionRoom(key string) string  { return "session:" + key }
func memberRoom(slug string) string  { return "room:" + slug }
func privateRoom(slug string) string { return "private:" + slug } // who may read it, following or not
func guestRoom(slug string) string   { return "guest:" + slug }   // guests who may read it

const guestsRoom = "guests" // all of them

// bye is the last event before the server ends a connection.
type bye struct {
	Reason     string  `json:"reason"`
	RetryAfter float64 `json:"retryAfter,omitempty"` // seconds; none: do not come back by yourself
}

// randomWait is between half a second and five, in steps of a millisecond.
func randomWait() float64 { return float64(500+rand.IntN(4500)) / 1000 }

// failure is the acknowledgement of an event that was refused or failed.
type failure struct {
	OK    bool         `json:"ok"` // false
	Error failureError `json:"error"`
}

type failureError struct {
	Code       chat.Code `json:"code"`
	Message    string    `json:"message"`
	RetryAfter float64   `json:"retryAfter,omitempty"` // seconds
}

// ackError is the one place where errors become acknowledgements.
func (c *Chat) ackError(s *socketio.Socket, event string, err error) any {
	var refused *chat.Error
	var bad *socketio.RequestError
	var often *socketio.RateError
	switch {
	case errors.As(err, &often):
		return failure{Error: failureError{chat.CodeRateLimited, "Too many events. Slow down.", milliseconds(often.RetryAfter)}}
	case errors.As(err, &refused):
		return failure{Error: failureError{refused.Code, refused.Message, milliseconds(refused.RetryAfter)}}
	case errors.As(err, &bad):
		return failure{Error: failureError{Code: chat.CodeInvalid, Message: "The request does not fit: " + bad.Err.Error()}}
	}
	c.log.Error("event failed", "event", event, "namespace", s.Namespace().Name(), "socket", s.ID(), "error", err)
	return failure{Error: failureError{Code: chat.CodeInternal, Message: "Something went wrong here. Reference " + s.ID() + "."}}
}

// milliseconds are seconds in steps of a millisecond, rounded up.
func milliseconds(d time.Duration) float64 { return math.Ceil(d.Seconds()*1000) / 1000 }
