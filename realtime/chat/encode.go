package chat

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"
)

// MarshalJSON returns the message's form on the wire (see AppendJSON). Note that
// json.Marshal escapes what it gets from here once more for HTML; use AppendJSON, or an
// Encoder with SetEscapeHTML(false).
func (m Message) MarshalJSON() ([]byte, error) {
	return m.AppendJSON(make([]byte, 0, 256+len(m.Text))), nil
}

// AppendJSON appends the message's form on the wire to b: always room, seq, rev, id, kind,
// author, text and sentAt, and of the rest what is not empty. Nothing but what JSON demands
// is escaped. It does not fail; bytes that are no UTF-8 become U+FFFD.
func (m Message) AppendJSON(b []byte) []byte {
	b = appendString(append(b, `{"room":`...), m.Room)
	b = strconv.AppendInt(append(b, `,"seq":`...), m.Seq, 10)
	b = strconv.AppendInt(append(b, `,"rev":`...), m.Rev, 10)
	b = appendString(append(b, `,"id":`...), m.ID)
	b = appendString(append(b, `,"kind":`...), string(m.Kind))
	b = m.Author.AppendJSON(append(b, `,"author":`...))
	b = appendString(append(b, `,"text":`...), m.Text)
	if m.HTML != "" {
		b = appendString(append(b, `,"html":`...), m.HTML)
	}
	if m.EmojiOnly {
		b = append(b, `,"emojiOnly":true`...)
	}
	if m.ReplyTo != 0 {
		b = strconv.AppendInt(append(b, `,"replyTo":`...), m.ReplyTo, 10)
	}
	if len(m.Mentions) > 0 {
		b = appendPeople(append(b, `,"mentions":`...), m.Mentions)
	}
	if len(m.Reactions) > 0 {
		b = appendReactions(append(b, `,"reactions":`...), m.Reactions)
	}
	b = appendTime(append(b, `,"sentAt":`...), m.SentAt)
	if !m.EditedAt.IsZero() {
		b = appendTime(append(b, `,"editedAt":`...), m.EditedAt)
	}
	if !m.DeletedAt.IsZero() {
		b = appendTime(append(b, `,"deletedAt":`...), m.DeletedAt)
	}
	if m.DeletedBy != "" {
		b = appendString(append(b, `,"deletedBy":`...), m.DeletedBy)
	}
	if m.Report != nil {
		b = m.Report.AppendJSON(append(b, `,"report":`...))
	}
	return append(b, '}')
}

func appendReactions(b []byte, reactions []Reaction) []byte {
	b = append(b, '[')
	for i, r := range reactions {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(append(b, `{"emoji":`...), r.Emoji)
		b = append(appendPeople(append(b, `,"users":`...), r.Users), '}')
	}
	return append(b, ']')
}

// appendPeople appends users by id and name.
func appendPeople(b []byte, users []User) []byte {
	b = append(b, '[')
	for i, u := range users {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(append(b, `{"id":`...), u.ID)
		b = append(appendString(append(b, `,"name":`...), u.Name), '}')
	}
	return append(b, ']')
}

// AppendJSON appends the report's form on the wire to b, as Message's does.
func (r Report) AppendJSON(b []byte) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil { // there is nothing in it that cannot be encoded
		return append(b, "null"...)
	}
	return append(b, bytes.TrimRight(out.Bytes(), "\n")...)
}

// AppendJSON appends the user's form on the wire to b, as Message's does.
func (u User) AppendJSON(b []byte) []byte {
	b = appendString(append(b, `{"id":`...), u.ID)
	b = appendString(append(b, `,"name":`...), u.Name)
	b = appendString(append(b, `,"role":`...), string(u.Role))
	if u.Avatar != "" {
		b = appendString(append(b, `,"avatar":`...), u.Avatar)
	}
	return append(b, '}')
}

// AppendJSON appends the room's form on the wire to b, as Message's does. A struct that embeds
// a RoomView and has more fields needs its own.
func (v RoomView) AppendJSON(b []byte) []byte {
	b = v.Room.AppendJSON(b)
	b = strconv.AppendInt(append(b[:len(b)-1], `,"lastRead":`...), v.LastRead, 10)
	b = strconv.AppendInt(append(b, `,"unread":`...), v.Unread, 10)
	b = strconv.AppendInt(append(b, `,"mentions":`...), v.Mentions, 10)
	if v.FirstUnread > 0 {
		b = strconv.AppendInt(append(b, `,"firstUnread":`...), v.FirstUnread, 10)
	}
	if v.FirstMention > 0 {
		b = strconv.AppendInt(append(b, `,"firstMention":`...), v.FirstMention, 10)
	}
	b = appendString(append(b, `,"level":`...), string(v.Level))
	if v.Manage {
		b = append(b, `,"manage":true`...)
	}
	if v.Wait > 0 {
		b = strconv.AppendFloat(append(b, `,"wait":`...), v.Wait, 'f', -1, 64)
	}
	return append(b, '}')
}

// AppendJSON appends what of a room is the same for all who may read it.
func (room Room) AppendJSON(b []byte) []byte {
	b = appendString(append(b, `{"slug":`...), room.Slug)
	b = appendString(append(b, `,"name":`...), room.Name)
	b = appendString(append(b, `,"topic":`...), room.Topic)
	if room.Notice != "" {
		b = appendString(append(b, `,"notice":`...), room.Notice)
	}
	if room.Private {
		b = append(b, `,"private":true`...)
	}
	if room.Unlisted {
		b = append(b, `,"unlisted":true`...)
	}
	b = appendString(append(b, `,"epoch":`...), room.Epoch)
	b = strconv.AppendInt(append(b, `,"head":`...), room.Head, 10)
	b = strconv.AppendInt(append(b, `,"posts":`...), room.Posts, 10)
	b = strconv.AppendBool(append(b, `,"frozen":`...), room.Frozen)
	b = strconv.AppendInt(append(b, `,"slowMode":`...), int64(room.SlowMode), 10)
	return append(b, '}')
}

// AppendString appends s to b as a JSON string, as Message.AppendJSON does.
func AppendString(b []byte, s string) []byte { return appendString(b, s) }

// AppendTime appends t as a JSON string, as Message.AppendJSON does.
func AppendTime(b []byte, t time.Time) []byte { return appendTime(b, t) }

// appendTime appends t as RFC 3339 in UTC with exactly three digits of a second.
func appendTime(b []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(b, `"2006-01-02T15:04:05.000Z"`)
}

// appendString appends s as a JSON string (RFC 8259, section 7).
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	from := 0 // start of what is still to be copied as it is
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[from:i]...), "\uFFFD"...)
				from = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[from:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			b = append(b, `\u00`...)
			b = append(b, hex[c>>4], hex[c&0xf])
		}
		i++
		from = i
	}
	return append(append(b, s[from:]...), '"')
}
